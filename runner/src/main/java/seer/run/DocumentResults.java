package seer.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Set;
import seer.model.load.AtomicFile;
import seer.model.load.JsonFault;
import seer.run.cluster.Answer;
import seer.run.cluster.Document;

/// Results of documents in a folder, a line of JSON each, as they come: whoever is killed leaves all lines but the one
/// that was being written, and the next run goes on behind them. Beside them stands what they depend on, so that no run
/// goes on with something else.
final class DocumentResults implements Closeable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String RESULT = ColumnOptions.RESULT;
    private static final int PIECE = 1 << 16; // bytes that are read at once

    private final String id;
    private final Path file;
    private final FileChannel channel;
    private final Set<String> names = new HashSet<>();
    private int documents;
    private int errors;
    private int nameless;

    /// Begins them, or goes on with what an earlier run left.
    ///
    /// @param id       column of the names
    /// @param settings that results depend on
    /// @throws IllegalStateException if they were begun with others, or another run is at work on them
    DocumentResults(Path folder, String id, ObjectNode settings) throws IOException {
        this.id = id;
        Files.createDirectories(folder);
        this.file = folder.resolve("results.jsonl");
        this.channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        try {
            requireAlone(folder);
            requireSame(folder, settings);
            goOn();
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private void requireAlone(Path folder) {
        try {
            if (channel.tryLock() != null) {
                return;
            }
        } catch (OverlappingFileLockException _) { // a run of this process has it
        } catch (IOException _) { // a file system without locks
            return;
        }
        throw new IllegalStateException("--output " + folder + " is being written by another run: wait for its end, "
                + "or name another");
    }

    private static void requireSame(Path folder, ObjectNode settings) throws IOException {
        Path path = folder.resolve("settings.json");
        if (!Files.exists(path)) {
            AtomicFile.write(path, settings.toPrettyString() + "\n");
            return;
        }
        JsonNode was;
        try {
            was = JSON.readTree(Files.readString(path));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(path + " is no JSON: " + JsonFault.complaint(e), e);
        }
        for (var field : settings.properties()) {
            if (!field.getValue().equals(was.get(field.getKey()))) {
                throw new IllegalStateException("--output " + folder + " was begun with " + field.getKey() + " = "
                        + was.path(field.getKey()) + ", this run has " + field.getValue()
                        + ": go on with the same, or name another folder");
            }
        }
    }

    /// Reads the lines that are there, one by one, and cuts off what is none.
    private void goOn() throws IOException {
        var piece = ByteBuffer.allocate(PIECE);
        byte[] bytes = piece.array();
        var line = new ByteArrayOutputStream();
        long begin = 0; // of the line
        for (long place = 0; channel.read(piece.clear()) > 0; place += piece.position()) {
            int from = 0;
            for (int at = 0; at < piece.position(); at++) {
                if (bytes[at] == '\n') {
                    line.write(bytes, from, at - from);
                    count(begin, line.toString(StandardCharsets.UTF_8));
                    line.reset();
                    from = at + 1;
                    begin = place + from;
                }
            }
            line.write(bytes, from, piece.position() - from);
        }
        channel.truncate(begin);
        channel.position(begin);
    }

    private void count(long place, String line) {
        try {
            JsonNode result = JSON.readTree(line);
            count(result.hasNonNull(id) ? result.get(id).asText() : null, result.path(RESULT).hasNonNull("error"));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(file + " has a line that is no JSON at byte " + place + ": "
                    + JsonFault.complaint(e), e);
        }
    }

    private void count(String name, boolean error) {
        documents++;
        errors += error ? 1 : 0;
        if (name == null) {
            nameless++;
        } else {
            names.add(name);
        }
    }

    /// Names of the documents with a result.
    Set<String> names() {
        return Set.copyOf(names);
    }

    int documents() {
        return documents;
    }

    int errors() {
        return errors;
    }

    /// Results of documents without a name, which are the first ones of the input.
    int nameless() {
        return nameless;
    }

    /// Adds a line, and hands it to the file system. By any thread.
    synchronized void add(Document document, Answer answer) {
        var line = JSON.createObjectNode().put(id, document.id());
        document.keep().forEach((name, value) -> line.set(name, JSON.valueToTree(value)));
        line.set(RESULT, JSON.valueToTree(answer));
        try {
            var bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be written: " + e.getMessage(), e);
        }
        count(document.id(), answer.error() != null);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
