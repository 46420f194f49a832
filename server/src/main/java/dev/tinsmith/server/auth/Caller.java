package dev.tinsmith.server.auth;

import dev.tinsmith.server.future.Owner;
import java.util.function.Supplier;

/// Who is asking. Bound for the length of one request; read anywhere below it.
public record Caller(String keyId) {
    /// The one organisation there is.
    public static final String ORGANISATION = "tinsmith";

    private static final ScopedValue<Caller> CURRENT = ScopedValue.newInstance();

    /// Who asks in this request.
    public static Caller current() {
        return CURRENT.orElseThrow(
                () -> new IllegalStateException("no caller: this runs outside a request"));
    }

    /// Runs `request` on this caller's behalf.
    public <T> T during(Supplier<T> request) {
        return ScopedValue.where(CURRENT, this).call(request::get);
    }

    /// As clients write who somebody is.
    public String urn() {
        return "tml:organization_user:" + keyId;
    }

    /// Something of the shape of an address, since clients ask for one.
    public String email() {
        return keyId + "@localhost";
    }

    /// Whose all that this caller makes is.
    public Owner owner() {
        return new Owner(keyId);
    }
}
