package seer.gate.course;

import java.nio.file.Files;
import java.nio.file.Path;
import seer.model.load.DType;
import seer.model.load.MalformedModelException;
import seer.model.load.Quoted;
import seer.model.load.SafetensorsFile;
import seer.model.load.SafetensorsWriter;

/// A training text as tokens, in safetensors, with the hash of what it was made of.
public final class TokenFile {
    private static final String FORMAT = "seer-training-tokens-1";
    private static final String TOKENS = "tokens";

    private TokenFile() { }

    /// Writes the tokens of `corpus`.
    public static void write(Path file, TextCorpus corpus, String source) {
        new SafetensorsWriter().metadata("format", FORMAT).metadata("source", source)
                .metadata("documents", Integer.toString(corpus.documents())).metadata("label", corpus.label())
                .metadata("fingerprint", corpus.fingerprint())
                .add(TOKENS, corpus.tokens(), corpus.tokens().length).write(file);
    }

    /// The text, or null if there is no file or it is of another source.
    ///
    /// @throws MalformedModelException if the file is broken
    public static TextCorpus read(Path file, String source) {
        if (!Files.exists(file)) {
            return null;
        }
        try (var open = SafetensorsFile.open(file)) {
            var metadata = open.metadata();
            require(file, "format", FORMAT, metadata.get("format"));
            if (!source.equals(metadata.get("source"))) {
                return null;
            }
            var tensor = open.tensor(TOKENS);
            if (tensor.type() != DType.I32 || tensor.shape().size() != 1) {
                throw broken(file, "tensor " + TOKENS + " is " + tensor.type() + " " + tensor.shape()
                        + ", wanted a list of I32");
            }
            int[] tokens = tensor.ints();
            require(file, "fingerprint", TextCorpus.sha256(tokens), metadata.get("fingerprint"));
            return new TextCorpus(tokens, documents(file, metadata.get("documents")),
                    metadata.getOrDefault("label", ""), metadata.get("fingerprint"));
        }
    }

    private static int documents(Path file, String text) {
        if (text == null || !text.matches("[1-9][0-9]{0,8}")) {
            throw broken(file, "documents is " + shown(text) + ", wanted a number of at least 1");
        }
        return Integer.parseInt(text);
    }

    private static void require(Path file, String field, String wanted, String got) {
        if (!wanted.equals(got)) {
            throw broken(file, field + " is " + shown(got) + ", wanted " + wanted);
        }
    }

    private static String shown(String value) {
        return value == null ? "missing" : Quoted.of(value);
    }

    private static MalformedModelException broken(Path file, String what) {
        return new MalformedModelException(file, what + ": delete the file, and the text is encoded anew");
    }
}
