package dev.outrider.proxy.doctor.check;

/**
 * What a check found.
 *
 * @param check which one, a word
 * @param what the cause, naming the file, address or setting
 * @param remedy what to do; empty when nothing is to be done
 */
public record Finding(Level level, String check, String what, String remedy) {

    /** In rising order. */
    public enum Level { OK, WARNING, ERROR }

    static Finding ok(String check, String what) {
        return new Finding(Level.OK, check, what, "");
    }

    static Finding warning(String check, String what, String remedy) {
        return new Finding(Level.WARNING, check, what, remedy);
    }

    static Finding error(String check, String what, String remedy) {
        return new Finding(Level.ERROR, check, what, remedy);
    }
}
