package dev.tinsmith.cli;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.logging.LogManager;

/// Where log lines go: to standard error, one line each; libraries only when they are worried,
/// requests that went well only with `TINSMITH_LOG_REQUESTS` in the environment.
final class Logging {
    private static final String RULES =
            """
            handlers = java.util.logging.ConsoleHandler
            .level = INFO
            java.util.logging.ConsoleHandler.level = ALL
            java.util.logging.ConsoleHandler.formatter = java.util.logging.SimpleFormatter
            java.util.logging.SimpleFormatter.format = %1$tFT%1$tT.%1$tL %4$s %3$s %5$s%6$s%n
            org.eclipse.jetty.level = WARNING
            io.javalin.level = OFF
            ai.djl.level = WARNING
            com.zaxxer.hikari.level = WARNING
            org.flywaydb.level = WARNING
            """;
    private static final String REQUESTS = "dev.tinsmith.server.level = FINE\n";

    private Logging() {}

    static void quiet() {
        String rules =
                System.getenv().containsKey("TINSMITH_LOG_REQUESTS") ? RULES + REQUESTS : RULES;
        try {
            LogManager.getLogManager()
                    .readConfiguration(
                            new ByteArrayInputStream(rules.getBytes(StandardCharsets.UTF_8)));
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }
}
