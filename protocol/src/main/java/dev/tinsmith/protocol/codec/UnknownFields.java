package dev.tinsmith.protocol.codec;

import static java.lang.System.Logger.Level.INFO;

import dev.tinsmith.protocol.Envelope;
import dev.tinsmith.protocol.ModelInput;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.deser.DeserializationProblemHandler;
import tools.jackson.databind.jsontype.TypeIdResolver;

/// Lets pass what newer clients write on an [Envelope], and logs each such field once. Everywhere
/// else an unknown field is refused.
final class UnknownFields extends DeserializationProblemHandler {
    private static final System.Logger LOG = System.getLogger(UnknownFields.class.getName());

    /// Clients choose the names, so there must be an end to them.
    private static final int MOST = 256;

    /// Says what the address says already.
    private static final String TYPE = "type";

    private final Set<String> seen = ConcurrentHashMap.newKeySet();

    @Override
    public boolean handleUnknownProperty(
            DeserializationContext context,
            JsonParser parser,
            ValueDeserializer<?> reading,
            Object recordOrType,
            String name) {
        Class<?> type = recordOrType instanceof Class<?> is ? is : recordOrType.getClass();
        boolean tolerated = type.isAnnotationPresent(Envelope.class);
        if (tolerated) {
            parser.skipChildren();
            if (!name.equals(TYPE) && isNew(type.getSimpleName(), name)) {
                LOG.log(
                        INFO,
                        "a client sent the field ''{0}'' with {1}, which this server does not know and leaves out",
                        name,
                        type.getSimpleName());
            }
        }
        return tolerated;
    }

    /// Older clients do not say of a chunk that it is text, since they have no others.
    @Override
    public JavaType handleMissingTypeId(
            DeserializationContext context,
            JavaType wanted,
            TypeIdResolver resolver,
            String problem) {
        return wanted.hasRawClass(ModelInput.Chunk.class)
                ? context.constructType(ModelInput.EncodedText.class)
                : super.handleMissingTypeId(context, wanted, resolver, problem);
    }

    /// Whether this is the first time that a field of this name came; never again once there were
    /// too many, and never for a name that could be more than one word in a log.
    boolean isNew(String record, String name) {
        return seen.size() < MOST && name.matches("\\w{1,64}") && seen.add(record + "." + name);
    }
}
