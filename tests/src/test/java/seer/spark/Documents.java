package seer.spark;

import static org.junit.jupiter.api.Assertions.assertNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// Documents and results as files of JSON lines.
final class Documents {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Documents() { }

    static String line(String id, String text) {
        return JSON.createObjectNode().put("id", id).put("text", text).put("source", "novel").toString() + "\n";
    }

    /// Writes texts, named by their place, into a folder of the name `input`.
    static Path write(Path folder, List<String> texts) throws IOException {
        Path input = Files.createDirectories(folder.resolve("input"));
        var lines = new StringBuilder();
        for (int i = 0; i < texts.size(); i++) {
            lines.append(line("d" + i, texts.get(i)));
        }
        Files.writeString(input.resolve("documents.jsonl"), lines);
        return input;
    }

    /// Whole lines of the results' files, by name of their documents.
    static TreeMap<String, JsonNode> results(Path output) throws IOException {
        var results = new TreeMap<String, JsonNode>();
        try (var files = Files.list(output)) {
            for (Path file : files.filter(each -> each.getFileName().toString().startsWith("part-")).toList()) {
                for (String line : Files.readAllLines(file)) {
                    var read = JSON.readTree(line);
                    assertNull(results.put(read.path("id").asText("none"), read), "twice: " + line);
                }
            }
        }
        return results;
    }

    /// What a result says but for its times.
    static String facts(JsonNode result) {
        ObjectNode seer = result.get("seer").deepCopy();
        seer.remove("ms");
        return seer.toString();
    }

    /// Names of the documents that have a whole line in the journal.
    static Set<String> journal(Path output) throws IOException {
        Path journal = output.resolve("_journal");
        var names = new TreeSet<String>();
        if (!Files.isDirectory(journal)) {
            return names;
        }
        try (var files = Files.list(journal)) {
            for (Path file : files.filter(each -> each.toString().endsWith(".jsonl")).toList()) {
                String text = Files.readString(file);
                for (String line : text.substring(0, text.lastIndexOf('\n') + 1).lines().toList()) {
                    names.add(JSON.readTree(line).get("id").asText());
                }
            }
        }
        return names;
    }
}
