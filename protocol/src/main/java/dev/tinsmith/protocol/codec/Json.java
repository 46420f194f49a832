package dev.tinsmith.protocol.codec;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.Nulls;
import java.math.BigInteger;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.exc.InputCoercionException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.exc.InvalidTypeIdException;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;
import tools.jackson.databind.exc.ValueInstantiationException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.type.LogicalType;

/// JSON, one way for the whole wire: snake_case names, absent for empty, and nothing taken for
/// something it is not.
///
/// A component that is an `Optional` may be absent or null; every other one must be there.
public final class Json {
    private static final JsonMapper MAPPER =
            JsonMapper.builder(
                            JsonFactory.builder()
                                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                                    .build())
                    .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                    .changeDefaultPropertyInclusion(
                            was -> was.withValueInclusion(JsonInclude.Include.NON_ABSENT))
                    .changeDefaultNullHandling(was -> was.withContentNulls(Nulls.FAIL))
                    .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .addHandler(new UnknownFields())
                    .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
                    .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                    .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
                    .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
                    .withCoercionConfig(
                            LogicalType.Textual,
                            textual ->
                                    textual.setCoercion(
                                                    CoercionInputShape.Integer, CoercionAction.Fail)
                                            .setCoercion(
                                                    CoercionInputShape.Float, CoercionAction.Fail)
                                            .setCoercion(
                                                    CoercionInputShape.Boolean,
                                                    CoercionAction.Fail))
                    .build();

    private static final ObjectReader LENIENT =
            MAPPER.reader().without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private Json() {}

    /// The record that `body` holds.
    ///
    /// @throws MalformedException if it holds none
    public static <T> T read(byte[] body, Class<T> type) {
        try {
            return Optional.ofNullable(MAPPER.readValue(body, type))
                    .orElseThrow(() ->
                            new MalformedException("the body is null; it must be a JSON object"));
        } catch (InputCoercionException | DatabindException failure) {
            throw new MalformedException(explained(failure, body));
        } catch (JacksonException failure) {
            throw new MalformedException(unreadable(failure));
        }
    }

    private static String explained(JacksonException failure, byte[] body) {
        try {
            return explain(failure, body);
        } catch (JacksonException worse) {
            return unreadable(worse);
        }
    }

    private static String unreadable(JacksonException failure) {
        return "the body is not JSON in UTF-8, or nested too deep" + where(failure);
    }

    private static String where(JacksonException failure) {
        return Optional.ofNullable(failure.getLocation())
                .map(at ->
                        "; it goes wrong at line %d, column %d"
                                .formatted(at.getLineNr(), at.getColumnNr()))
                .orElse("");
    }

    /// `answer` as JSON.
    public static byte[] write(Object answer) {
        return MAPPER.writeValueAsBytes(answer);
    }

    private static String explain(JacksonException failure, byte[] body) {
        String place = place(failure.getPath());
        return switch (failure) {
            case UnrecognizedPropertyException unknown ->
                    "%s is not a field this server knows; it knows %s"
                            .formatted(place, names(unknown.getKnownPropertyIds()));
            case ValueInstantiationException refused
                    when refused.getCause() instanceof IllegalArgumentException rule ->
                    "%s %s".formatted(place, rule.getMessage());
            case InvalidTypeIdException unknown ->
                    "%s.type is '%s', which this server does not know"
                            .formatted(place, unknown.getTypeId());
            case MismatchedInputException mismatch ->
                    mismatch(mismatch, mismatch.getTargetType(), body);
            case InputCoercionException mismatch ->
                    mismatch(mismatch, mismatch.getTargetType(), body);
            case JacksonException _ -> "%s cannot be read".formatted(place);
        };
    }

    private static String mismatch(JacksonException failure, Class<?> wanted, byte[] body) {
        Optional<JsonNode> found = find(body, failure.getPath());
        if (failure.getPath().isEmpty() && found.filter(JsonNode::isObject).isPresent()) {
            return "the body goes on after its JSON object; send one object";
        }
        boolean element =
                wanted.isArray()
                        && !failure.getPath().isEmpty()
                        && failure.getPath().getLast().getIndex() >= 0;
        return "%s %s; it must be %s"
                .formatted(
                        place(failure.getPath()),
                        what(found),
                        kind(element ? wanted.componentType() : wanted));
    }

    private static Collection<String> names(Collection<Object> known) {
        var names = new TreeSet<String>();
        known.forEach(name -> names.add(name.toString()));
        return names;
    }

    private static String place(List<JacksonException.Reference> path) {
        StringBuilder place = new StringBuilder();
        for (JacksonException.Reference step : path) {
            Optional<String> name = Optional.ofNullable(step.getPropertyName());
            if (name.isEmpty()) {
                place.append('[').append(step.getIndex()).append(']');
            } else {
                place.append(place.isEmpty() ? "" : ".").append(name.get());
            }
        }
        return place.isEmpty() ? "the body" : place.toString();
    }

    private static Optional<JsonNode> find(byte[] body, List<JacksonException.Reference> path) {
        Optional<JsonNode> at = Optional.of(LENIENT.readTree(body)).filter(Json::isThere);
        for (JacksonException.Reference step : path) {
            at =
                    Optional.ofNullable(step.getPropertyName()).isPresent()
                            ? at.map(node -> node.get(step.getPropertyName()))
                            : at.map(node -> node.get(step.getIndex()));
        }
        return at.filter(Json::isThere);
    }

    private static boolean isThere(JsonNode node) {
        return !node.isNull() && !node.isMissingNode();
    }

    private static String what(Optional<JsonNode> found) {
        if (found.isEmpty()) {
            return "is missing";
        }
        String text = found.get().toString();
        return "is " + (text.length() <= 60 ? text : text.substring(0, 60) + "…");
    }

    private static String kind(Class<?> type) {
        if (type == int.class || type == Integer.class) {
            return "an integer of 32 bits";
        }
        if (type == long.class || type == Long.class || type == BigInteger.class) {
            return "an integer";
        }
        if (type == double.class || type == Double.class) {
            return "a number";
        }
        if (type == boolean.class || type == Boolean.class) {
            return "true or false";
        }
        if (type == String.class) {
            return "a string";
        }
        boolean list = Collection.class.isAssignableFrom(type) || type.isArray();
        return list ? "a list" : "an object";
    }
}
