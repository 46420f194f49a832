package dev.tinsmith.cli.quickstart;

import java.nio.file.Path;
import java.util.Optional;

/// Where a quickstart keeps what it makes, and what is kept for the next one.
///
/// @param cache downloads and Python environments, kept between runs
/// @param out this run's own: `data/`, `adapter/`, `report.html`
record Workplace(Path cache, Path out) {

    static Workplace at(Path out) {
        String cache =
                Optional.ofNullable(System.getenv("TINSMITH_CACHE"))
                        .or(() ->
                                Optional.ofNullable(System.getenv("XDG_CACHE_HOME"))
                                        .map(home -> home + "/tinsmith"))
                        .orElse(System.getProperty("user.home") + "/.cache/tinsmith");
        return new Workplace(Path.of(cache), out.toAbsolutePath().normalize());
    }

    Path data() {
        return out.resolve("data");
    }

    Path adapter() {
        return out.resolve("adapter");
    }

    Path report() {
        return out.resolve("report.html");
    }

    Path log() {
        return out.resolve("quickstart.log");
    }
}
