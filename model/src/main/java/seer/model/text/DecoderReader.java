package seer.model.text;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import seer.model.load.JsonFile;

/// Reads the part of a tokenizer.json that says how tokens become text again, where they are spelled in characters.
///
/// Its steps have an order: texts are replaced in each token, bytes are told from characters, all are put together,
/// and the space that encoding put before the text goes. Another order would mean something else, and is refused.
final class DecoderReader {
    private static final List<String> ORDER = List.of("Replace", "Metaspace", "ByteFallback", "Fuse", "Strip");

    private final List<TokenDecoder.Replacement> replacements = new ArrayList<>();
    private boolean byteFallback;
    private String strip;
    private String stripMarker;
    private int step;
    private boolean fused;

    private DecoderReader() {
    }

    /// Whether the tokens are spelled in bytes, as far as the decoder says.
    static boolean spells(JsonFile root) {
        return root.optionalObject("decoder").stream().flatMap(DecoderReader::flat)
                .anyMatch(json -> json.requireString("type").equals("ByteLevel"));
    }

    /// The decoder of a file whose tokens are spelled in bytes: ByteLevel alone, since nothing else is left to do.
    static TokenDecoder spelling(JsonFile root) {
        root.optionalObject("decoder").stream().flatMap(DecoderReader::flat).forEach(json -> {
            String type = json.requireString("type");
            if (!type.equals("ByteLevel") && !type.equals("Fuse")) {
                throw json.wrong("type", "ByteLevel", type);
            }
            json.only("type", "add_prefix_space", "trim_offsets", "use_regex");
        });
        return new TokenDecoder.Bytes();
    }

    private static Stream<JsonFile> flat(JsonFile json) {
        return json.requireString("type").equals("Sequence")
                ? json.objectList("decoders").stream().flatMap(DecoderReader::flat) : Stream.of(json);
    }

    /// The decoder of a file whose tokens are spelled in characters.
    static TokenDecoder plain(JsonFile root) {
        var reader = new DecoderReader();
        reader.read(root.requireObject("decoder"));
        return new TokenDecoder.Text(reader.replacements, reader.byteFallback, reader.strip, reader.stripMarker);
    }

    private void read(JsonFile json) {
        String type = json.requireString("type");
        if (type.equals("Sequence")) {
            json.only("type", "decoders");
            json.objectList("decoders").forEach(this::read);
            return;
        }
        int place = ORDER.indexOf(type);
        if (place < 0) {
            throw json.wrong("type", "one of " + ORDER + ", Sequence, or ByteLevel alone", type);
        }
        if (place < step || place == step && place > 0) {
            throw json.wrong("type", "steps in the order of " + ORDER, type + " behind " + ORDER.get(step));
        }
        step = place;
        switch (type) {
            case "Replace" -> replace(json);
            case "Metaspace" -> metaspace(json);
            case "ByteFallback" -> {
                json.only("type");
                byteFallback = true;
            }
            case "Fuse" -> {
                json.only("type");
                fused = true;
            }
            default -> strip(json);
        }
    }

    private void replace(JsonFile json) {
        json.only("type", "pattern", "content");
        if (!(PatternReader.read(json) instanceof TextPattern.Literal(String wanted))) {
            throw json.requireObject("pattern").wrong("Regex", "a String", json.requireObject("pattern")
                    .requireString("Regex"));
        }
        if (!wanted.isEmpty()) {
            replacements.add(new TokenDecoder.Replacement(wanted, json.requireString("content")));
        }
    }

    /// As a decoder, it also takes all of the markers out of the first token, unless none is put before a text.
    private void metaspace(JsonFile json) {
        var metaspace = PreTokenizerReader.metaspace(json);
        String marker = metaspace.replacement();
        replacements.add(new TokenDecoder.Replacement(marker, " "));
        stripMarker = metaspace.prepend() == PreTokenizer.Metaspace.Prepend.NEVER ? null : marker;
    }

    private void strip(JsonFile json) {
        json.only("type", "content", "start", "stop");
        int start = json.requireInt("start");
        int stop = json.requireInt("stop");
        if (!fused) {
            throw json.wrong("type", "Fuse before it: each token would lose characters", "Strip alone");
        }
        if (start < 0 || start > 1) {
            throw json.wrong("start", "0 or 1", start);
        }
        if (stop != 0) {
            throw json.wrong("stop", "0", stop);
        }
        strip = start == 0 ? null : PreTokenizerReader.character(json, "content");
    }
}
