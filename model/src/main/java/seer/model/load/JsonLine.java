package seer.model.load;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/// A line of a file of JSON lines, which is one object: names that occur twice and text behind it are errors, as in
/// [JsonFile].
///
/// @param object what stands there; empty where that is none
/// @param fault  what is wrong, to stand behind `FILE: line N`; null where nothing is
public record JsonLine(ObjectNode object, String fault) {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /// Reads a line.
    public static JsonLine of(String line) {
        try {
            JsonNode read = JSON.readTree(line);
            return read instanceof ObjectNode object ? new JsonLine(object, null)
                    : broken(": wanted a JSON object, got " + (read.isMissingNode() ? "nothing"
                            : Quoted.of(read.toString())));
        } catch (JsonProcessingException e) {
            String complaint = JsonFault.complaint(e).replace("the end of the file", "the end of the line");
            return broken((" is not JSON" + JsonFault.field(e) + ": " + complaint).replaceAll("\\p{Cntrl}", "?"));
        }
    }

    private static JsonLine broken(String fault) {
        return new JsonLine(JSON.createObjectNode(), fault);
    }

    /// What is wrong with a line; null where nothing is.
    public static String faultOf(String line) {
        return of(line).fault;
    }
}
