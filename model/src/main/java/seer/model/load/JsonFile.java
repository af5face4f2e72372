package seer.model.load;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/// A JSON object of a file: the whole of it, or one nested inside.
///
/// It knows its file and where in the file it stands, so that every complaint names both, what was
/// wanted and what was found. A field whose value is `null` counts as absent, because Hugging Face
/// writes its defaults that way. Names that occur twice and text behind the object are errors.
public final class JsonFile {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    /// Longest piece of JSON that a message quotes.
    private static final int QUOTED = 60;
    /// Bytes of the largest file that is read: twenty times the largest published one.
    private static final long LARGEST = 1L << 29;

    private final Path file;
    private final String prefix;
    private final ObjectNode object;

    private JsonFile(Path file, String prefix, ObjectNode object) {
        this.file = file;
        this.prefix = prefix;
        this.object = object;
    }

    /// Reads the object that `file` consists of.
    public static JsonFile read(Path file) {
        byte[] bytes = bytes(file);
        int wrong = Utf8.firstWrong(bytes);
        if (wrong >= 0) {
            throw broken(file, bytes, " at byte " + wrong + ": wanted UTF-8, got "
                    + "0x%02x, which is none".formatted(bytes[wrong] & 0xFF), null);
        }
        try {
            return of(file, MAPPER.readTree(bytes));
        } catch (JsonProcessingException e) {
            var at = e.getLocation();
            String where = at == null ? "" : " at line " + at.getLineNr() + ":" + at.getColumnNr();
            throw broken(file, bytes, where + JsonFault.field(e) + ": " + JsonFault.complaint(e), e);
        } catch (IOException e) {
            throw FileErrors.unreadable(file, e);
        }
    }

    private static byte[] bytes(Path file) {
        try {
            if (Files.isRegularFile(file) && Files.size(file) > LARGEST) {
                throw new MalformedModelException(file, "wanted JSON of at most " + LARGEST + " bytes, got "
                        + FileKind.of(file).map(kind -> kind + " of ").orElse("") + Files.size(file));
            }
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw FileErrors.unreadable(file, e);
        }
    }

    private static MalformedModelException broken(Path file, byte[] bytes, String complaint, IOException e) {
        return new MalformedModelException(file, FileKind.of(bytes).map(kind -> "wanted JSON, got " + kind)
                .orElse("broken JSON" + complaint), e);
    }

    /// Reads the object that part of a binary file consists of; `what` names the part, which
    /// begins at byte `offset` of the file.
    static JsonFile parse(Path file, String what, long offset, byte[] json) {
        int wrong = Utf8.firstWrong(json);
        if (wrong >= 0) {
            throw new MalformedModelException(file, what + " is not JSON at byte " + (offset + wrong)
                    + " of the file: wanted UTF-8, got " + "0x%02x, which is none".formatted(json[wrong] & 0xFF));
        }
        try {
            return of(file, MAPPER.readTree(json));
        } catch (JsonProcessingException e) {
            var at = e.getLocation();
            String where = at == null ? "" : " at byte " + (offset + Math.max(0, at.getByteOffset()));
            throw new MalformedModelException(file,
                    what + " is not JSON" + where + " of the file" + JsonFault.field(e) + ": "
                    + JsonFault.complaint(e), e);
        } catch (IOException e) {
            throw FileErrors.unreadable(file, e);
        }
    }

    private static JsonFile of(Path file, JsonNode root) {
        if (root instanceof ObjectNode object) {
            return new JsonFile(file, "", object);
        }
        throw new MalformedModelException(file, "wanted a JSON object, got " + quote(root));
    }

    /// The file that the object stands in.
    public Path file() {
        return file;
    }

    /// The names of the fields that are present, in the file's order.
    public Set<String> fields() {
        var names = new LinkedHashSet<String>();
        for (var field : object.properties()) {
            if (!field.getValue().isNull()) {
                names.add(field.getKey());
            }
        }
        return Collections.unmodifiableSet(names);
    }

    /// Whether the field is there and not null.
    public boolean has(String field) {
        return node(field).isPresent();
    }

    /// Whether the field is there and says null: some formats mean another thing by that than by leaving it out.
    public boolean isNull(String field) {
        JsonNode node = object.get(field);
        return node != null && node.isNull();
    }

    /// The raw value of a field, for what no other method here fits.
    public Optional<JsonNode> node(String field) {
        return Optional.ofNullable(object.get(field)).filter(node -> !node.isNull());
    }

    /// Fails when the field is missing.
    public JsonNode requireNode(String field, String wanted) {
        return require(node(field), field, wanted).get();
    }

    public int requireInt(String field) {
        return require(optionalInt(field), field, "an integer").getAsInt();
    }

    public OptionalInt optionalInt(String field) {
        Optional<Integer> value = value(field, "an integer", JsonFile::isInt, JsonNode::intValue);
        return value.isPresent() ? OptionalInt.of(value.get()) : OptionalInt.empty();
    }

    public double requireDouble(String field) {
        return require(optionalDouble(field), field, "a number").getAsDouble();
    }

    public OptionalDouble optionalDouble(String field) {
        Optional<Double> value = value(field, "a number",
                node -> node.isNumber() && Double.isFinite(node.doubleValue()), JsonNode::doubleValue);
        return value.isPresent() ? OptionalDouble.of(value.get()) : OptionalDouble.empty();
    }

    public boolean requireBoolean(String field) {
        return require(optionalBoolean(field), field, "true or false").get();
    }

    public Optional<Boolean> optionalBoolean(String field) {
        return value(field, "true or false", JsonNode::isBoolean, JsonNode::booleanValue);
    }

    public String requireString(String field) {
        return require(optionalString(field), field, "a string").get();
    }

    public Optional<String> optionalString(String field) {
        return value(field, "a string", JsonNode::isTextual, JsonNode::textValue);
    }

    public JsonFile requireObject(String field) {
        return require(optionalObject(field), field, "an object").get();
    }

    public Optional<JsonFile> optionalObject(String field) {
        return value(field, "an object", JsonNode::isObject, node -> nested(field, node));
    }

    /// The strings of a list; empty when the field is absent.
    public List<String> stringList(String field) {
        return list(field, "a list of strings", JsonNode::isTextual, (_, node) -> node.textValue());
    }

    /// The integers of a list, empty when the field is absent. A single integer counts as a list of
    /// one, because fields like `eos_token_id` come both ways.
    public List<Integer> intList(String field) {
        if (node(field).filter(JsonFile::isInt).isPresent()) {
            return List.of(requireInt(field));
        }
        return list(field, "a list of integers", JsonFile::isInt, (_, node) -> node.intValue());
    }

    /// The numbers of a list; empty when the field is absent.
    public List<Double> doubleList(String field) {
        return list(field, "a list of numbers", node -> node.isNumber() && Double.isFinite(node.doubleValue()),
                (_, node) -> node.doubleValue());
    }

    /// The objects of a list; empty when the field is absent.
    public List<JsonFile> objectList(String field) {
        return list(field, "a list of objects", JsonNode::isObject, this::nested);
    }

    /// The entries of an object whose values are all strings, in the file's order; empty when the
    /// field is absent.
    public Map<String, String> stringMap(String field) {
        return map(field, "a string", JsonNode::isTextual, JsonNode::textValue);
    }

    /// The entries of an object whose values are all integers, in the file's order; empty when the
    /// field is absent.
    public Map<String, Integer> intMap(String field) {
        return map(field, "an integer", JsonFile::isInt, JsonNode::intValue);
    }

    /// The complaint that a field here holds something other than it must, to be thrown.
    public MalformedModelException wrong(String field, String wanted, Object got) {
        return new MalformedModelException(file,
                named(field) + ": wanted " + wanted + ", got " + shorten(String.valueOf(got)));
    }

    /// The same with all of what was found, for values of which the end tells as much as the beginning.
    public MalformedModelException wrongInFull(String field, String wanted, String got) {
        return new MalformedModelException(file, named(field) + ": wanted " + wanted + ", got " + got);
    }

    private String named(String field) {
        return "field " + prefix + Quoted.name(field);
    }

    /// The same complaint where the value was refused by whoever it was given to, in a sentence of its own.
    public MalformedModelException refused(IllegalArgumentException e) {
        return new MalformedModelException(file, (prefix.isEmpty() ? "" : "field " + prefix) + e.getMessage(), e);
    }

    /// Fails when the field holds anything but null or an empty list.
    public void requireNothing(String field, String wanted) {
        node(field).filter(node -> !node.isArray() || !node.isEmpty()).ifPresent(node -> {
            throw wrong(field, wanted, quote(node));
        });
    }

    /// Fails when there is a field of another name: one that nobody reads might change what the others mean.
    public JsonFile only(String... names) {
        List<String> known = List.of(names);
        for (String name : fields()) {
            if (!known.contains(name)) {
                throw wrong(name, "no field but " + known, quote(object.get(name)));
            }
        }
        return this;
    }

    private JsonFile nested(String field, JsonNode node) {
        return new JsonFile(file, prefix + Quoted.name(field) + ".", (ObjectNode) node);
    }

    private <T> T require(T value, String field, String wanted) {
        if (node(field).isEmpty()) {
            throw wrong(field, wanted, "nothing: the field is missing");
        }
        return value;
    }

    private <T> Optional<T> value(String field, String wanted, Predicate<JsonNode> fits,
                                  Function<JsonNode, T> read) {
        return node(field).map(node -> {
            if (!fits.test(node)) {
                throw wrong(field, wanted, quote(node));
            }
            return read.apply(node);
        });
    }

    private interface Element<T> {
        T read(String place, JsonNode node);
    }

    private <T> List<T> list(String field, String wanted, Predicate<JsonNode> fits, Element<T> element) {
        JsonNode list = value(field, wanted, JsonNode::isArray, node -> node)
                .orElseGet(MAPPER::createArrayNode);
        var values = new ArrayList<T>(list.size());
        for (JsonNode node : list) {
            String place = field + "[" + values.size() + "]";
            if (!fits.test(node)) {
                throw wrong(place, wanted, quote(node));
            }
            values.add(element.read(place, node));
        }
        return Collections.unmodifiableList(values);
    }

    private <T> Map<String, T> map(String field, String wanted, Predicate<JsonNode> fits,
                                   Function<JsonNode, T> read) {
        JsonNode entries = value(field, "an object", JsonNode::isObject, node -> node)
                .orElseGet(MAPPER::createObjectNode);
        var values = LinkedHashMap.<String, T>newLinkedHashMap(entries.size());
        for (var entry : entries.properties()) {
            if (!fits.test(entry.getValue())) {
                throw wrong(field + "[\"" + entry.getKey() + "\"]", wanted, quote(entry.getValue()));
            }
            values.put(entry.getKey(), read.apply(entry.getValue()));
        }
        return Collections.unmodifiableMap(values);
    }

    private static boolean isInt(JsonNode node) {
        return node.isIntegralNumber() && node.canConvertToInt();
    }

    private static String quote(JsonNode node) {
        return node.isMissingNode() ? "nothing" : shorten(node.toString());
    }

    private static String shorten(String text) {
        return text.length() <= QUOTED ? text : text.substring(0, QUOTED) + "...";
    }
}
