package dev.tinsmith.cli;

import dev.tinsmith.cli.terminal.Nearest;
import dev.tinsmith.cli.terminal.Refusal;
import dev.tinsmith.engine.EngineException;
import dev.tinsmith.engine.format.FormatException;
import dev.tinsmith.models.ModelException;
import dev.tinsmith.server.checkpoint.StoreException;
import dev.tinsmith.server.database.DatabaseException;
import dev.tinsmith.server.http.PortException;
import dev.tinsmith.server.journal.DamagedException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/// The one door through which failures leave the program: a sentence, and an exit code that is not
/// 0.
final class Failures
        implements CommandLine.IExecutionExceptionHandler, CommandLine.IParameterExceptionHandler {

    @Override
    public int handleExecutionException(
            Exception failure, CommandLine command, CommandLine.ParseResult parsed) {
        PrintWriter err = command.getErr();
        err.println("tinsmith: " + sentence(failure));
        if (System.getenv().containsKey("TINSMITH_DEBUG")) {
            failure.printStackTrace(err);
        }
        return CommandLine.ExitCode.SOFTWARE;
    }

    @Override
    public int handleParseException(CommandLine.ParameterException wrong, String[] arguments) {
        PrintWriter err = wrong.getCommandLine().getErr();
        err.println("tinsmith: " + wrong.getMessage());
        CommandSpec spec = wrong.getCommandLine().getCommandSpec();
        nearest(wrong, spec).ifPresent(option -> err.printf("did you mean %s?%n", option));
        err.printf("`%s --help` says what there is%n", spec.qualifiedName());
        return CommandLine.ExitCode.USAGE;
    }

    private static Optional<String> nearest(
            CommandLine.ParameterException wrong, CommandSpec spec) {
        return wrong instanceof CommandLine.UnmatchedArgumentException unmatched
                ? unmatched.getUnmatched().stream()
                        .filter(word -> word.startsWith("--"))
                        .findFirst()
                        .map(word -> Nearest.of(word, List.copyOf(spec.optionsMap().keySet())))
                : Optional.empty();
    }

    static String sentence(Throwable failure) {
        return switch (failure) {
            case Refusal refusal -> refusal.sentence();
            case ModelException _,
                    FormatException _,
                    StoreException _,
                    DatabaseException _,
                    DamagedException _,
                    PortException _,
                    EngineException _,
                    IllegalArgumentException _ ->
                    said(failure);
            case UncheckedIOException outer ->
                    Optional.<Throwable>ofNullable(outer.getCause())
                            .map(Failures::sentence)
                            .orElseGet(() -> said(outer));
            case NoSuchFileException missing -> "there is no '%s'".formatted(missing.getFile());
            case AccessDeniedException denied ->
                    "'%s' may not be read or written by this user".formatted(denied.getFile());
            case FileSystemException broken ->
                    "'%s' cannot be read or written: %s"
                            .formatted(
                                    broken.getFile(),
                                    Optional.ofNullable(broken.getReason()).orElse("an I/O error"));
            case IOException broken -> "reading or writing failed: " + said(broken);
            default ->
                    "this is a bug of ours (%s: %s); TINSMITH_DEBUG=1 shows where"
                            .formatted(failure.getClass().getSimpleName(), said(failure));
        };
    }

    private static String said(Throwable failure) {
        return Optional.ofNullable(failure.getMessage()).orElse("no more is known");
    }
}
