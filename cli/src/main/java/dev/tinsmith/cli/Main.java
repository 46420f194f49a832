package dev.tinsmith.cli;

import dev.tinsmith.cli.commands.CheckpointCommand;
import dev.tinsmith.cli.commands.DoctorCommand;
import dev.tinsmith.cli.commands.ModelCommand;
import dev.tinsmith.cli.commands.QuickstartCommand;
import dev.tinsmith.cli.commands.ServeCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;

/// `tinsmith`: one subcommand a file in `commands`.
@Command(
        name = "tinsmith",
        version = "tinsmith 0.1.0",
        mixinStandardHelpOptions = true,
        description = "Fine-tune language models on your own machine, through the API of Tinker.",
        subcommands = {
            QuickstartCommand.class,
            ServeCommand.class,
            ModelCommand.class,
            CheckpointCommand.class,
            DoctorCommand.class,
            HelpCommand.class,
        })
public final class Main {
    private Main() {}

    /// Runs the command and exits: 0 done, 1 refused with one sentence, 2 not understood.
    public static void main(String[] arguments) {
        System.exit(run(arguments));
    }

    static int run(String... arguments) {
        Logging.quiet();
        CommandLine program = new CommandLine(new Main());
        program.setExecutionExceptionHandler(new Failures());
        program.setParameterExceptionHandler(new Failures());
        program.setUsageHelpAutoWidth(true);
        return arguments.length == 0 ? usage(program) : program.execute(arguments);
    }

    private static int usage(CommandLine program) {
        program.usage(program.getOut());
        return CommandLine.ExitCode.USAGE;
    }
}
