package dev.tinsmith.server.hub;

import dev.tinsmith.protocol.Hub;
import dev.tinsmith.server.http.Handler;
import dev.tinsmith.server.http.Reply;
import dev.tinsmith.server.http.Request;
import dev.tinsmith.server.http.Route;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/// The Hugging Face Hub's own URLs under `/hf`, so that a client with `HF_ENDPOINT` set to it finds
/// a model's tokenizer by the model's name, without a key and without the internet.
public final class HubApi {
    private final Function<String, Optional<Path>> folderOf;
    private final Map<Path, HubFolder> read = new ConcurrentHashMap<>();

    /// @param folderOf where the model of this name is kept
    public HubApi(Function<String, Optional<Path>> folderOf) {
        this.folderOf = folderOf;
    }

    /// The routes below `/hf`.
    public List<Route> routes() {
        List<Route> routes = new ArrayList<>();
        add(routes, "{name}", request -> request.part("name"));
        add(
                routes,
                "{owner}/{name}",
                request -> request.part("owner") + "/" + request.part("name"));
        return routes;
    }

    private void add(List<Route> routes, String repository, Function<Request, String> name) {
        String model = "/hf/api/models/" + repository;
        add(routes, "/hf/" + repository + "/resolve/{revision}/<file>", name, HubApi::file);
        add(routes, model, name, HubApi::model);
        add(routes, model + "/revision/{revision}", name, HubApi::model);
        add(routes, model + "/tree/{revision}", name, HubApi::tree);
        add(routes, model + "/tree/{revision}/<folder>", name, HubApi::subfolder);
    }

    private void add(List<Route> routes, String path, Function<Request, String> name, Found found) {
        Handler handler = request -> with(name.apply(request), request, found);
        routes.add(new Route(Route.Method.GET, path, handler));
        routes.add(new Route(Route.Method.HEAD, path, handler));
    }

    /// What to say of a model that is there.
    private interface Found {
        Reply reply(String name, HubFolder folder, Request request);
    }

    private Reply with(String name, Request request, Found found) {
        return folderOf.apply(name)
                .map(folder -> read.computeIfAbsent(folder, HubFolder::read))
                .map(folder -> found.reply(name, folder, request))
                .orElseGet(() ->
                        missing("RepoNotFound", "no model is called '%s' here".formatted(name)));
    }

    private static Reply file(String name, HubFolder folder, Request request) {
        String file = request.part("file");
        return Optional.ofNullable(folder.files().get(file))
                .map(entry ->
                        Reply.file(entry.file(), "application/octet-stream")
                                .with("ETag", "\"" + entry.oid() + "\"")
                                .with("X-Repo-Commit", folder.commit())
                                .with("Accept-Ranges", "none"))
                .orElseGet(() ->
                        missing(
                                        "EntryNotFound",
                                        "'%s' has no file '%s' here; weights are not given out"
                                                .formatted(name, file))
                                .with("X-Repo-Commit", folder.commit()));
    }

    private static Reply model(String name, HubFolder folder, Request request) {
        return Reply.json(
                new Hub.Model(
                        name,
                        name,
                        folder.commit(),
                        false,
                        false,
                        false,
                        List.of(),
                        folder.files().keySet().stream().map(Hub.Sibling::new).toList()));
    }

    private static Reply tree(String name, HubFolder folder, Request request) {
        return Reply.json(
                folder.files().entrySet().stream()
                        .map(file ->
                                new Hub.Entry(
                                        "file",
                                        file.getKey(),
                                        file.getValue().size(),
                                        file.getValue().oid()))
                        .toList());
    }

    private static Reply subfolder(String name, HubFolder folder, Request request) {
        return missing(
                "EntryNotFound",
                "'%s' has no folder '%s' here".formatted(name, request.part("folder")));
    }

    private static Reply missing(String code, String reason) {
        return Reply.json(404, new Hub.Missing(reason)).with("X-Error-Code", code);
    }
}
