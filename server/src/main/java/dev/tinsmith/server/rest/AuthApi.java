package dev.tinsmith.server.rest;

import dev.tinsmith.protocol.Service;
import dev.tinsmith.server.auth.Caller;
import dev.tinsmith.server.auth.Credentials;
import dev.tinsmith.server.http.Refusal;
import dev.tinsmith.server.http.Reply;
import dev.tinsmith.server.http.Request;

/// Keys, and the tokens they are changed for.
final class AuthApi {
    private final Credentials credentials;

    AuthApi(Credentials credentials) {
        this.credentials = credentials;
    }

    Reply token(Request request) {
        return Reply.json(new Service.Token(credentials.token(request.header(Credentials.HEADER))));
    }

    Reply keyOwner(Request request) {
        return Reply.json(
                new Service.KeyOwner(
                        1,
                        Caller.current().keyId(),
                        "",
                        new Service.KeyOwner.Details(
                                new Service.KeyOwner.Organisation(Caller.ORGANISATION),
                                new Service.KeyOwner.User(Caller.current().email()))));
    }

    /// Clients delete what was generated for them; this server generates no such keys.
    Reply deleteKey(Request request) {
        return new Refusal(
                        403,
                        "the key '%s' is the administrator's, and a request cannot delete it; stop the server, delete admin.key in its data directory, and the next start makes a new one"
                                .formatted(Caller.current().keyId()))
                .reply();
    }
}
