#!/bin/sh
# What the launcher promises, on an installed tree whose java is a script that says how it was called.
set -eu
source=$(dirname "$(dirname "$(readlink -f "$0")")")
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree/bin" "$tree/etc" "$tree/lib" "$tree/runtime/bin" "$tree/elsewhere"
cp "$source/bin/outrider" "$tree/bin/"
cp "$source/etc/jvm.options" "$tree/etc/"
echo '@lib@/one.jar:@lib@/two.jar' > "$tree/lib/classpath"
printf '#!/bin/sh\necho "$$"\nfor a in "$@"; do echo "$a"; done\necho "options ${JAVA_TOOL_OPTIONS:-none}"\n' > "$tree/runtime/bin/java"
chmod +x "$tree/runtime/bin/java"
ln -s "$tree/bin/outrider" "$tree/elsewhere/envoy"
cd /

failed=0
expect() {
  if printf '%s\n' "$2" | grep -qxF -e "$3"; then echo "ok    $1"
  else
    echo "FAIL  $1: no line '$3' in:"
    printf '%s\n' "$2"
    failed=1
  fi
}

said=$(JAVA_TOOL_OPTIONS=-Dx=y "$tree/elsewhere/envoy" -c 'a file.yaml')
expect 'Envoy arguments mean proxy' "$said" proxy
expect 'arguments stay whole' "$said" 'a file.yaml'
expect 'works through a symbolic link' "$said" "$tree/lib/one.jar:$tree/lib/two.jar"
expect 'the environment adds no flags' "$said" 'options none'
expect 'flags come from one file' "$said" "@$tree/etc/jvm.options"
"$tree/bin/outrider" intercept print > "$tree/out" &
started=$!
wait "$started"
expect 'the JVM takes the place of the script' "$(cat "$tree/out")" "$started"
expect 'verbs pass through' "$(cat "$tree/out")" intercept
said=$("$tree/bin/outrider" demo 2>&1 || true)
expect 'an installed tree has no demo and says so' "$said" 'outrider: demo is a part of the source tree only: run packaging/bin/outrider demo there'
mkdir "$tree/lib/demo"
echo '@lib@/demo/three.jar' > "$tree/lib/demo/classpath"
expect 'the jars of the demo come behind the product and only for it' "$("$tree/bin/outrider" demo)" "$tree/lib/one.jar:$tree/lib/two.jar:$tree/lib/demo/three.jar"
touch "$tree/lib/outrider.aot"
expect 'a cache is used when there is one' "$("$tree/bin/outrider" --version)" "-XX:AOTCache=$tree/lib/outrider.aot"
touch "$tree/lib/command.aot"
said=$("$tree/bin/outrider" intercept apply)
expect "a step of root's has its own cache" "$said" "-XX:AOTCache=$tree/lib/command.aot"
expect 'and the quick compiler' "$said" -XX:TieredStopAtLevel=1
echo '@lib@/outrider-proxy-1.jar:@lib@/two.jar:@lib@/picocli-2.jar' > "$tree/lib/classpath"
said=$("$tree/bin/outrider" status --json)
expect 'a verb that only asks gets two jars' "$said" "$tree/lib/outrider-proxy-1.jar:$tree/lib/picocli-2.jar"
expect 'and a class of its own' "$said" dev.outrider.proxy.client.Client
expect 'with its arguments' "$said" --json
rm "$tree/runtime/bin/java"
# Needs root: the machine's own JDKs are hidden from this one command.
said=$(unshare -m sh -c "mount -t tmpfs none /usr/lib/jvm && HOME=$tree JAVA_HOME=$tree PATH=/usr/bin:/bin '$tree/bin/outrider' -c x 2>&1 || echo status \$?" || true)
expect 'a missing JDK is an error' "$said" 'status 1'
expect 'a missing JDK is one line' "$(printf '%s\n' "$said" | wc -l)" 2
mkdir -p "$tree/unbuilt/packaging/bin"
cp "$source/bin/outrider" "$tree/unbuilt/packaging/bin/"
said=$(JAVA_HOME=$(dirname "$(dirname "$("$source/bin/outrider" java-path)")") "$tree/unbuilt/packaging/bin/outrider" -c x 2>&1 || true)
expect 'an unbuilt tree says so in one line' "$said" "outrider: not built: run mvn -DskipTests package in $tree/unbuilt"
exit "$failed"
