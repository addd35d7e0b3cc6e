package dev.outrider.proxy.connection;

import dev.outrider.xds.model.HttpConnectionManager;
import dev.outrider.xds.model.Listener;

/** Compiles connection managers into programs. Called off the data loops, once per content. */
public interface HttpPrograms {

    ConnectionProgram compile(HttpConnectionManager manager, Listener listener);
}
