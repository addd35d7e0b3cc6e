package dev.outrider.proxy.machine.setting;

/** The commented sample of outrider.yaml: every setting with its explanation and default, all of it comments. */
public final class SampleFile {

    private static final int WIDTH = 110;

    private SampleFile() {}

    public static String text() {
        StringBuilder out = new StringBuilder("""
                # Outrider on this machine. Nothing here is needed where cluster.env and mesh.yaml say it: a value given here wins over
                # sidecar.env, that over cluster.env, that over mesh.yaml. 'outrider config show --origin' prints what holds, and why.
                # Variables that are no setting of their own, such as ISTIO_META_*, go below 'environment:'.
                """);
        String section = "";
        for (Setting setting : Settings.all()) {
            String[] parts = setting.path().split("[.]", 2);
            if (!parts[0].equals(section)) {
                section = parts[0];
                out.append("\n#").append(section).append(":\n");
            }
            wrap(out, setting.text() + " (" + setting.accepted() + "; " + String.join(", ", setting.variables()) + ")");
            out.append("#  ").append(parts[1]).append(": ").append(example(setting)).append('\n');
        }
        return out.toString();
    }

    private static String example(Setting setting) {
        String value = setting.fallback().equals("*") ? "'*'" : setting.fallback();
        return setting.form().items() ? "[" + value + "]" : value.isEmpty() ? "''" : value;
    }

    private static void wrap(StringBuilder out, String text) {
        int column = WIDTH;
        for (String word : text.split(" ", -1)) {
            if (column + word.length() > WIDTH) {
                out.append(out.charAt(out.length() - 1) == '\n' ? "" : "\n").append("#  #");
                column = 0;
            }
            out.append(' ').append(word);
            column += word.length() + 1;
        }
        out.append('\n');
    }
}
