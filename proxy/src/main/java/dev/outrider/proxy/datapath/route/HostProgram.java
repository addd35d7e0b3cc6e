package dev.outrider.proxy.datapath.route;

import dev.outrider.xds.model.Route;
import dev.outrider.xds.model.RouteConfiguration;
import dev.outrider.xds.model.RouteConfiguration.VirtualHost;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The routes of one virtual host in order. Long lists get an index: for every exact path and every prefix that occurs, the numbers of the
 * routes that may match there, in the original order; so that the first match wins as if all were tried. Immutable.
 */
final class HostProgram {

    /** Below it, trying all is cheaper than searching. */
    private static final int INDEX_FROM = 16;
    /** Bounds the index of lists where many routes may match everywhere: above it, all are tried. */
    private static final int INDEX_LIMIT = 1 << 20;

    private final VirtualHost model;
    private final RouteProgram[] routes;
    private final @Nullable Index index;

    HostProgram(VirtualHost model, RouteConfiguration table) {
        this.model = model;
        routes = new RouteProgram[model.routes().size()];
        int i = 0;
        for (Route route : model.routes()) {
            routes[i++] = new RouteProgram(route, model, table);
        }
        index = routes.length < INDEX_FROM ? null : Index.of(routes);
    }

    VirtualHost model() {
        return model;
    }

    @Nullable RouteDecision route(RouteQuery query) {
        String path = query.head.path();
        boolean connect = query.head.method().equals("CONNECT") && (path.isEmpty() || query.head.upgrade().isEmpty());
        if (path.isEmpty() && !connect) {
            return null;
        }
        int length = RouteTable.pathLength(path);
        if (index == null || connect) {
            for (RouteProgram route : routes) {
                if (route.matches(query, path, length, connect)) {
                    return route.decide(query);
                }
            }
            return null;
        }
        for (int candidate : index.candidates(path, length)) {
            if (routes[candidate].matches(query, path, length, false)) {
                return routes[candidate].decide(query);
            }
        }
        return null;
    }

    /** Sorted keys; a look-up is a binary search and, for prefixes, a walk to shorter ones. No allocation. */
    private static final class Index {

        private final String[] exact;
        private final int[][] exactRoutes;
        private final String[] prefixes;
        private final int[] parents;
        private final int[][] prefixRoutes;
        private final int[] everywhere;

        Index(String[] exact, String[] prefixes, int[] parents, int[][] prefixRoutes, int[] everywhere) {
            this.exact = exact;
            this.exactRoutes = new int[exact.length][];
            this.prefixes = prefixes;
            this.parents = parents;
            this.prefixRoutes = prefixRoutes;
            this.everywhere = everywhere;
        }

        static @Nullable Index of(RouteProgram[] routes) {
            TreeSet<String> exact = new TreeSet<>();
            TreeSet<String> prefix = new TreeSet<>();
            for (RouteProgram route : routes) {
                switch (route.path()) {
                    case PathMatcher.Exact(String path, boolean ignoreCase) when !ignoreCase -> exact.add(path);
                    case PathMatcher.Prefix(String text, boolean ignoreCase) when !ignoreCase -> prefix.add(text);
                    case PathMatcher.Separated(String text, boolean ignoreCase) when !ignoreCase -> prefix.add(text);
                    default -> {}
                }
            }
            long[] budget = {INDEX_LIMIT};
            String[] prefixes = prefix.toArray(String[]::new);
            int[] parents = parents(prefixes);
            List<List<Integer>> own = new ArrayList<>();
            for (int i = 0; i < prefixes.length; i++) {
                own.add(new ArrayList<>());
            }
            List<Integer> everywhere = new ArrayList<>();
            for (int i = 0; i < routes.length; i++) {
                String key = key(routes[i].path());
                int at = key == null ? -1 : Arrays.binarySearch(prefixes, key);
                if (at >= 0) {
                    own.get(at).add(i);
                } else if (!(routes[i].path() instanceof PathMatcher.Exact(String p, boolean ignoreCase) && !ignoreCase)) {
                    everywhere.add(i);
                }
            }
            int[][] prefixRoutes = new int[prefixes.length][];
            int[] always = everywhere.stream().mapToInt(Integer::intValue).toArray();
            for (int i = 0; i < prefixes.length; i++) {
                int[] above = parents[i] < 0 ? always : prefixRoutes[parents[i]];
                prefixRoutes[i] = merged(above, own.get(i), budget);
            }
            String[] exacts = exact.toArray(String[]::new);
            Index index = new Index(exacts, prefixes, parents, prefixRoutes, always);
            List<List<Integer>> same = new ArrayList<>();
            for (int i = 0; i < exacts.length; i++) {
                same.add(new ArrayList<>());
            }
            for (int i = 0; i < routes.length; i++) {
                if (routes[i].path() instanceof PathMatcher.Exact(String path, boolean ignoreCase) && !ignoreCase) {
                    same.get(Arrays.binarySearch(exacts, path)).add(i);
                }
            }
            for (int i = 0; i < exacts.length && budget[0] > 0; i++) {
                index.exactRoutes[i] = merged(index.byPrefix(exacts[i], exacts[i].length()), same.get(i), budget);
            }
            return budget[0] > 0 ? index : null;
        }

        private static @Nullable String key(PathMatcher path) {
            return switch (path) {
                case PathMatcher.Prefix(String text, boolean ignoreCase) when !ignoreCase -> text;
                case PathMatcher.Separated(String text, boolean ignoreCase) when !ignoreCase -> text;
                default -> null;
            };
        }

        /** For each of the sorted texts, the longest other one that begins it, or -1. */
        private static int[] parents(String[] sorted) {
            int[] parents = new int[sorted.length];
            for (int i = 0; i < sorted.length; i++) {
                int above = i - 1;
                while (above >= 0 && !sorted[i].startsWith(sorted[above])) {
                    above = parents[above];
                }
                parents[i] = above;
            }
            return parents;
        }

        private static int[] merged(int[] a, List<Integer> b, long[] budget) {
            int[] all = Arrays.copyOf(a, a.length + b.size());
            for (int i = 0; i < b.size(); i++) {
                all[a.length + i] = b.get(i);
            }
            Arrays.sort(all);
            budget[0] -= all.length;
            return budget[0] > 0 ? all : a;
        }

        int[] candidates(String path, int length) {
            int at = search(exact, path, length);
            return at >= 0 ? exactRoutes[at] : byPrefix(path, length);
        }

        private int[] byPrefix(String path, int length) {
            int at = search(prefixes, path, length);
            if (at < 0) {
                at = -at - 2;
            }
            while (at >= 0 && !(prefixes[at].length() <= length && path.startsWith(prefixes[at]))) {
                at = parents[at];
            }
            return at < 0 ? everywhere : prefixRoutes[at];
        }

        /** As Arrays.binarySearch for the first {@code length} chars of {@code path}. */
        private static int search(String[] sorted, String path, int length) {
            int low = 0;
            int high = sorted.length - 1;
            while (low <= high) {
                int middle = (low + high) >>> 1;
                int order = compare(sorted[middle], path, length);
                if (order == 0) {
                    return middle;
                }
                if (order < 0) {
                    low = middle + 1;
                } else {
                    high = middle - 1;
                }
            }
            return -low - 1;
        }

        private static int compare(String a, String path, int length) {
            int common = Math.min(a.length(), length);
            for (int i = 0; i < common; i++) {
                int order = a.charAt(i) - path.charAt(i);
                if (order != 0) {
                    return order;
                }
            }
            return a.length() - length;
        }
    }
}
