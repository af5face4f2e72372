package seer.support;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Broken copies of a file, drawn from a seed: what a bad disk, a download cut short, an editor, another program or
/// malice leaves behind. The same seed gives the same copies.
///
/// Three views of a file are broken, each in its own ways: as bytes, as JSON (well-formed, but with values that nobody
/// expects), and as lines of cells (CSV, JSON lines). [Answers] says what a reader has to make of them.
public final class Mutants {
    /// A broken copy, and what was done to it.
    public record Mutant(String label, byte[] bytes) {
        /// The same, put into the file that holds it.
        public Mutant within(Function<byte[], byte[]> frame) {
            return new Mutant(label, frame.apply(bytes));
        }
    }

    /// Values as JSON writes them that some reader somewhere did not expect; and some that are no JSON at all.
    private static final List<String> VALUES = List.of("null", "true", "false", "0", "-1", "1", "2", "3", "64", "1.5",
            "-0.0", "1e-400", "2147483647", "2147483648", "-2147483648", "4294967296", "9223372036854775807",
            "9223372036854775808", "1e19", "1e300", "1e400", "NaN", "Infinity", "\"\"", "\" \"", "\"a\"", "\"0\"",
            "\"\\u0000\"", "\"a\\nb\"", "\"\\ud83d\"", "\"..\"", "\"/\"", "\"../x\"", "\"a\\\\b\"", "\"\\u0000/x\"",
            "\"(\"", "\"(a*)*b\"", "\"NaN\"", "[]", "{}", "[1]", "[null]", "[[]]", "{\"a\": 1}", "[\"a\", 2]",
            "\"" + "x".repeat(3000) + "\"", "[".repeat(2000) + "]".repeat(2000));
    /// Cells of a table of the same kind.
    private static final List<String> CELLS = List.of("", " ", "0", "-1", "1", "1.5", "2147483648", "-5", "1e300",
            "1e400", "NaN", "Infinity", "-Infinity", "null", "x", "0.1x", "0x10", "1,5", "\"", "\"\"", "'", "\"a\"b",
            "a\rb", "\0", "\uFFFD", "é", "../x", "9".repeat(400), "x".repeat(3000));
    private static final JsonMapper MAPPER = new JsonMapper();

    private final SplittableRandom random;

    private Mutants(long seed) {
        random = new SplittableRandom(seed);
    }

    /// Copies with bytes changed, lost, added, doubled, swapped.
    public static Stream<Mutant> ofBytes(byte[] original, long seed, int count) {
        var mutants = new Mutants(seed);
        return IntStream.range(0, count).mapToObj(_ -> mutants.bytes(original, mutants.strokes()));
    }

    /// Copies of a JSON document with values replaced, fields lost, doubled, renamed, exchanged.
    public static Stream<Mutant> ofJson(String original, long seed, int count) {
        JsonNode root = parsed(original);
        var mutants = new Mutants(seed);
        return IntStream.range(0, count).mapToObj(_ -> mutants.json(root.deepCopy(), mutants.strokes()));
    }

    /// Copies of a text of lines, whose cells `separator` divides, with cells replaced, and lines and cells lost,
    /// doubled, exchanged.
    public static Stream<Mutant> ofLines(String original, String separator, long seed, int count) {
        List<String> lines = List.of(original.split("\n", -1));
        var mutants = new Mutants(seed);
        return IntStream.range(0, count)
                .mapToObj(_ -> mutants.lines(new ArrayList<>(lines), separator, mutants.strokes()));
    }

    private static JsonNode parsed(String json) {
        try {
            return MAPPER.readTree(json);
        } catch (IOException e) {
            throw new AssertionError("the original is no JSON", e);
        }
    }

    /// Mostly one fault, at times some: two may hide a third.
    private int strokes() {
        return random.nextInt(4) > 0 ? 1 : 2 + random.nextInt(3);
    }

    private <T> T any(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }

    // -- bytes --

    private Mutant bytes(byte[] original, int strokes) {
        byte[] bytes = original.clone();
        var labels = new ArrayList<String>();
        for (int i = 0; i < strokes; i++) {
            int length = bytes.length;
            int at = random.nextInt(length + 1);
            int run = Math.min(length - at, 1 + random.nextInt(random.nextInt(8) == 0 ? length + 1 : 8));
            int kind = length == 0 ? 3 : random.nextInt(7);
            bytes = switch (kind) {
                case 0 -> changed(bytes, at % length, (byte) (bytes[at % length] ^ 1 << random.nextInt(8)));
                case 1 -> changed(bytes, at % length, (byte) random.nextInt(256));
                case 2 -> spliced(bytes, at, run, new byte[0]);
                case 3 -> spliced(bytes, at, 0, noise(1 + random.nextInt(8)));
                case 4 -> spliced(bytes, at, 0, Arrays.copyOfRange(bytes, at, at + run));
                case 5 -> Arrays.copyOf(bytes, at);
                default -> spliced(bytes, at, run, noise(run));
            };
            labels.add(List.of("bit turned", "byte replaced", "bytes lost", "bytes added", "bytes doubled",
                    "cut off", "bytes replaced").get(kind) + " at " + at);
        }
        return new Mutant(String.join(", ", labels), bytes);
    }

    private static byte[] changed(byte[] bytes, int at, byte value) {
        byte[] changed = bytes.clone();
        changed[at] = value;
        return changed;
    }

    private static byte[] spliced(byte[] bytes, int at, int lost, byte[] added) {
        byte[] spliced = Arrays.copyOf(bytes, bytes.length - lost + added.length);
        System.arraycopy(added, 0, spliced, at, added.length);
        System.arraycopy(bytes, at + lost, spliced, at + added.length, bytes.length - at - lost);
        return spliced;
    }

    private byte[] noise(int length) {
        var noise = new byte[length];
        random.nextBytes(noise);
        return noise;
    }

    // -- JSON --

    private Mutant json(JsonNode root, int strokes) {
        var labels = new ArrayList<String>();
        for (int i = 0; i < strokes; i++) {
            labels.add(stroke(root));
        }
        return new Mutant(String.join(", ", labels), root.toString().getBytes(StandardCharsets.UTF_8));
    }

    /// Spoils one child of a container that a walk from the root stops at.
    private String stroke(JsonNode root) {
        JsonNode parent = root;
        var path = new StringBuilder();
        while (true) {
            int child = parent.isEmpty() ? -1 : random.nextInt(parent.size());
            String name = child < 0 ? null : name(parent, child);
            JsonNode node = child < 0 ? null : parent instanceof ObjectNode object ? object.get(name)
                    : parent.get(child);
            if (node == null || !node.isContainerNode() || random.nextInt(5) == 0) {
                return parent instanceof ObjectNode object ? spoil(object, name, path.toString())
                        : spoil((ArrayNode) parent, child, path.toString());
            }
            path.append('/').append(name);
            parent = node;
        }
    }

    private static String name(JsonNode parent, int child) {
        return parent instanceof ObjectNode object
                ? object.propertyStream().skip(child).findFirst().orElseThrow().getKey() : Integer.toString(child);
    }

    private String spoil(ObjectNode object, String name, String path) {
        String value = any(VALUES);
        if (name == null) {
            object.putRawValue("a", new RawValue(value));
            return path + "/a = " + brief(value);
        }
        switch (random.nextInt(7)) {
            case 0 -> {
                object.remove(name);
                return path + "/" + name + " lost";
            }
            case 1 -> {
                JsonNode moved = object.remove(name);
                object.set(name + any(List.of("x", "_", " ", "\n", "")), moved);
                return path + "/" + name + " renamed";
            }
            case 2 -> {
                String other = name(object, random.nextInt(object.size()));
                JsonNode first = object.get(name);
                object.set(name, object.get(other));
                object.set(other, first);
                return path + "/" + name + " and " + other + " exchanged";
            }
            default -> {
                object.putRawValue(name, new RawValue(value));
                return path + "/" + name + " = " + brief(value);
            }
        }
    }

    private String spoil(ArrayNode array, int child, String path) {
        String value = any(VALUES);
        if (child < 0) {
            array.addRawValue(new RawValue(value));
            return path + " added " + brief(value);
        }
        switch (random.nextInt(6)) {
            case 0 -> {
                array.remove(child);
                return path + "/" + child + " lost";
            }
            case 1 -> {
                array.insert(child, array.get(child).deepCopy());
                return path + "/" + child + " doubled";
            }
            default -> {
                array.set(child, MAPPER.getNodeFactory().rawValueNode(new RawValue(value)));
                return path + "/" + child + " = " + brief(value);
            }
        }
    }

    private static String brief(String value) {
        return value.length() <= 40 ? value : value.substring(0, 40) + "...";
    }

    // -- lines of cells --

    private Mutant lines(List<String> lines, String separator, int strokes) {
        var labels = new ArrayList<String>();
        for (int i = 0; i < strokes; i++) {
            int at = random.nextInt(lines.size());
            var cells = new ArrayList<>(List.of(lines.get(at).split(java.util.regex.Pattern.quote(separator), -1)));
            int cell = random.nextInt(cells.size());
            int kind = random.nextInt(9);
            switch (kind) {
                case 0 -> lines.remove(at);
                case 1 -> lines.add(at, lines.get(at));
                case 2 -> lines.set(at, lines.set(random.nextInt(lines.size()), lines.get(at)));
                case 3 -> cells.remove(cell);
                case 4 -> cells.add(cell, any(CELLS));
                case 5 -> cells.set(cell, cells.set(random.nextInt(cells.size()), cells.get(cell)));
                default -> cells.set(cell, any(CELLS));
            }
            if (kind > 2) {
                lines.set(at, String.join(separator, cells));
            }
            if (lines.isEmpty()) {
                lines.add("");
            }
            labels.add(List.of("line lost", "line doubled", "lines exchanged", "cell lost", "cell added",
                    "cells exchanged", "cell replaced", "cell replaced", "cell replaced").get(kind)
                    + " at " + (at + 1) + ":" + (cell + 1));
        }
        return new Mutant(String.join(", ", labels), String.join("\n", lines).getBytes(StandardCharsets.UTF_8));
    }
}
