package dev.tinsmith.cli.commands;

import dev.tinsmith.cli.config.Setting;
import dev.tinsmith.cli.config.Settings;
import dev.tinsmith.cli.serving.Installation;
import dev.tinsmith.cli.terminal.Refusal;
import dev.tinsmith.cli.terminal.Teller;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Spec;

/// `tinsmith serve`: one option for each [Setting].
@Command(
        name = "serve",
        mixinStandardHelpOptions = true,
        modelTransformer = ServeCommand.Options.class,
        description = "Serves until it is told to stop (SIGTERM, Ctrl-C).")
public final class ServeCommand implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws InterruptedException {
        Settings settings = Settings.of(flags(spec), System.getenv());
        CountDownLatch forever = new CountDownLatch(1);
        Installation server = start(settings);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server)));
        IO.println("ready on %s, key in %s".formatted(server.url(), shown(server.keyFile())));
        forever.await();
        return CommandLine.ExitCode.OK;
    }

    private static Installation start(Settings settings) {
        try {
            return Installation.start(settings, Teller.progress());
        } catch (IllegalArgumentException refused) {
            throw new Refusal(String.valueOf(refused.getMessage()));
        }
    }

    /// Told to stop, a server that stopped as it should exits with 0.
    private static void stop(Installation server) {
        server.close();
        Runtime.getRuntime().halt(0);
    }

    private static String shown(Path file) {
        Path here = Path.of("").toAbsolutePath();
        return file.startsWith(here) ? here.relativize(file).toString() : file.toString();
    }

    private static Map<Setting, List<String>> flags(CommandSpec spec) {
        Map<Setting, List<String>> flags = new EnumMap<>(Setting.class);
        CommandLine.ParseResult parsed = spec.commandLine().getParseResult();
        for (Setting setting : Setting.values()) {
            String flag = "--" + setting.key();
            if (parsed.hasMatchedOption(flag)) {
                flags.put(setting, parsed.matchedOption(flag).stringValues());
            }
        }
        return flags;
    }

    /// Makes the options from the settings, so that each is said once.
    static final class Options implements CommandLine.IModelTransformer {
        @Override
        public CommandSpec transform(CommandSpec spec) {
            for (Setting setting : Setting.values()) {
                String fallback =
                        setting.fallback().isEmpty() ? "" : " [" + setting.fallback() + "]";
                spec.addOption(
                        OptionSpec.builder("--" + setting.key())
                                .paramLabel(setting.parameter())
                                .description(setting.description() + fallback)
                                .type(setting.repeats() ? String[].class : String.class)
                                .build());
            }
            return spec;
        }
    }
}
