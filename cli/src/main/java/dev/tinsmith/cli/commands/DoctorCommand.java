package dev.tinsmith.cli.commands;

import dev.tinsmith.cli.doctor.Doctor;
import dev.tinsmith.cli.doctor.Finding;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `tinsmith doctor`: a line for each thing that Tinsmith depends on.
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        description = "Says what this machine is and what Tinsmith makes of it.")
public final class DoctorCommand implements java.util.concurrent.Callable<Integer> {
    @Option(names = "--data", defaultValue = "./data", description = "the data directory [./data]")
    private Path data = Path.of("data");

    @Option(names = "--port", defaultValue = "8000", description = "the port to listen on [8000]")
    private int port;

    @Override
    public Integer call() {
        List<Finding> findings = Doctor.examine(data.toAbsolutePath().normalize(), port);
        findings.forEach(finding -> IO.println(finding));
        return findings.stream().allMatch(Finding::isWell) ? 0 : 1;
    }
}
