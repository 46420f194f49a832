package dev.tinsmith.server.wire;

import dev.tinsmith.server.http.Refusal;
import dev.tinsmith.server.http.Request;
import java.util.List;
import java.util.Optional;

/// Where to look. There is one project, to which everything belongs, and who may see a thing at all
/// sees it under either access scope.
public final class Scope {
    /// The one project.
    public static final String PROJECT = "default";

    private static final List<String> SCOPES = List.of("owned", "accessible");

    private Scope() {}

    /// Lets a request pass that looks where something can be.
    public static void check(Request request) {
        String scope = request.query("access_scope").orElse("owned");
        if (!SCOPES.contains(scope)) {
            throw Refusal.bad(
                    "access_scope is '%s'; it must be one of %s".formatted(scope, SCOPES));
        }
        project("project_id", request.query("project_id"));
    }

    /// Lets the one project pass, and none.
    ///
    /// @param field where the client wrote it
    public static void project(String field, Optional<String> asked) {
        if (asked.filter(project -> !project.equals(PROJECT)).isPresent()) {
            throw Refusal.missing(
                    "%s is '%s', and this server has one project; say '%s', or leave it out (and unset TINKER_PROJECT_ID)"
                            .formatted(field, asked.get(), PROJECT));
        }
    }
}
