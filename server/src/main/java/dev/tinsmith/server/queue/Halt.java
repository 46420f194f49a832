package dev.tinsmith.server.queue;

import static java.lang.System.Logger.Level.ERROR;

/// Ends the process. Called when the engine's thread meets an [Error]: a half-dead engine is worse
/// than a restart.
@FunctionalInterface
public interface Halt {

    /// Does not come back, outside tests.
    void halt(Error cause);

    /// Logs `cause` and ends this process at once, without waiting for anybody.
    static Halt process() {
        return cause -> {
            System.getLogger(Halt.class.getName()).log(ERROR, "the engine is lost", cause);
            Runtime.getRuntime().halt(70);
        };
    }
}
