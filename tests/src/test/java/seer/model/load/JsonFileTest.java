package seer.model.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static seer.model.load.RawSafetensors.refuses;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JsonFileTest {
    @TempDir
    private Path folder;

    private JsonFile json(String text) throws IOException {
        return JsonFile.read(Files.writeString(folder.resolve("config.json"), text));
    }

    private void broken(String text, String... parts) throws IOException {
        Path file = Files.writeString(folder.resolve("config.json"), text);
        refuses(() -> JsonFile.read(file), file, parts);
    }

    @Test
    void fieldsHaveTheirValues() throws IOException {
        var json = json("""
                {"i": -3, "d": 1e-5, "whole": 2, "b": true, "s": "é", "list": ["x", "y"], "ids": [1, 2], "id": 7,
                 "o": {"in": {"deep": 1}}, "objects": [{"k": 1}, {"k": 2}], "map": {"a": "b"}, "ints": {"a": 1},
                 "nothing": null}""");
        assertEquals(-3, json.requireInt("i"));
        assertEquals(1e-5, json.requireDouble("d"));
        assertEquals(2.0, json.requireDouble("whole"));
        assertTrue(json.requireBoolean("b"));
        assertEquals("é", json.requireString("s"));
        assertEquals(List.of("x", "y"), json.stringList("list"));
        assertEquals(List.of(1, 2), json.intList("ids"));
        assertEquals(List.of(7), json.intList("id"));
        assertEquals(1, json.requireObject("o").requireObject("in").requireInt("deep"));
        assertEquals(2, json.objectList("objects").get(1).requireInt("k"));
        assertEquals(Map.of("a", "b"), json.stringMap("map"));
        assertEquals(Map.of("a", 1), json.intMap("ints"));
    }

    @Test
    void nullCountsAsAbsent() throws IOException {
        var json = json("{\"a\": null, \"b\": 1}");
        assertFalse(json.has("a"));
        assertEquals(Set.of("b"), json.fields());
        assertEquals(OptionalInt.empty(), json.optionalInt("a"));
        assertEquals(OptionalDouble.empty(), json.optionalDouble("a"));
        assertTrue(json.optionalString("a").isEmpty());
        assertTrue(json.optionalBoolean("a").isEmpty());
        assertTrue(json.optionalObject("a").isEmpty());
        assertTrue(json.stringList("a").isEmpty());
        assertTrue(json.intMap("a").isEmpty());
        refuses(() -> json.requireInt("a"), json.file(), "field a: wanted an integer, got nothing");
    }

    @Test
    void wrongTypesAreNamed() throws IOException {
        var json = json("""
                {"hidden_size": "big", "huge": 3000000000, "half": 1.5, "rope": {"theta": [1]}, "list": ["x", 3],
                 "objects": [{"k": {}}], "map": {"a": 1}}""");
        refuses(() -> json.requireInt("hidden_size"), json.file(), "field hidden_size: wanted an integer, got \"big\"");
        refuses(() -> json.requireInt("huge"), json.file(), "field huge: wanted an integer, got 3000000000");
        refuses(() -> json.optionalInt("half"), json.file(), "field half: wanted an integer, got 1.5");
        refuses(() -> json.requireObject("rope").optionalDouble("theta"), json.file(),
                "field rope.theta: wanted a number, got [1]");
        refuses(() -> json.stringList("list"), json.file(), "field list[1]: wanted a list of strings, got 3");
        refuses(() -> json.stringList("half"), json.file(), "field half: wanted a list of strings, got 1.5");
        refuses(() -> json.objectList("objects").getFirst().requireBoolean("k"), json.file(),
                "field objects[0].k: wanted true or false, got {}");
        refuses(() -> json.stringMap("map"), json.file(), "field map[\"a\"]: wanted a string, got 1");
        refuses(() -> json.requireString("gone"), json.file(), "field gone: wanted a string, got nothing");
    }

    @Test
    void brokenJsonIsNamedByLineAndColumn() throws IOException {
        broken("{\n  \"a\": 1,\n  \"b\" 2\n}", "at line 3:7, field b: wanted a colon behind the name, got '2'");
        broken("{\"a\": 1", "broken JSON at line 1:8, field a: wanted more, got the end of the file");
        broken("{\"a\": 1, \"a\": 2}", "broken JSON at line 1:13, field a: wanted every name once, got \"a\" a second");
        broken("{} trailing", "broken JSON at line 1:", "wanted a value, got trailing");
        broken("{}}", "broken JSON at line 1:", "got }");
        broken("[]", "wanted a JSON object, got []");
        broken("", "wanted a JSON object, got nothing");
        broken("[".repeat(100_000), "broken JSON: wanted at most ", " objects and lists inside each other");
        broken("{\"a\": " + "1".repeat(2_000) + "}", "wanted a number of at most 1000 characters, got 2000");
        Path latin = Files.write(folder.resolve("latin.json"), "{\"a\": \"é\"}".getBytes(StandardCharsets.ISO_8859_1));
        refuses(() -> JsonFile.read(latin), latin, "broken JSON", "UTF-8");
        refuses(() -> JsonFile.read(folder), folder, "wanted a file, got a folder");
    }

    @Test
    void whatIsNoJsonIsSaidByFieldWantedAndGot() throws IOException {
        broken("{\"rope\": {\"factor\": NaN}}", "field rope.factor: wanted a finite number, got NaN");
        broken("{\"list\": [1, -Infinity]}", "field list[1]: wanted a finite number, got -Infinity");
        broken("{\"a\": 1 \"b\": 2}", "field a: wanted a comma or the end of the list or object, got '\"'");
        broken("{'a': 1}", "line 1:2: wanted a name in double quotes, got '");
        broken("{\"a\": 1,}", "wanted a name in double quotes, got '}'");
        broken("{\"a\": tru}", "field a: wanted a value, got tru");
        broken("{\"a\": .5}", "field a: wanted a value, got '.'");
        broken("{\"a\": 01}", "field a: wanted a number as JSON writes it, got another");
        broken("{\"a\": \"x\ny\"}", "field a: wanted control characters written with a backslash");
        broken("{\"a\": \"\\q\"}", "field a: wanted an escape that JSON knows, got a backslash before 'q'");
    }

    /// Names too come from the file.
    @Test
    void longNamesAreQuotedInPart() throws IOException {
        String name = "n".repeat(5000);
        JsonFile json = json("{\"" + name + "\": {\"" + name + "\": 1, \"a\\nb\": 2}}");
        String part = "n".repeat(200) + "...";
        refuses(() -> json.requireInt(name), json.file(), "field " + part + ": wanted an integer, got ");
        refuses(() -> json.requireObject(name).requireString(name), json.file(),
                "field " + part + "." + part + ": wanted a string, got 1");
        refuses(() -> json.requireObject(name).requireString("a\nb"), json.file(),
                "field " + part + ".a\\u000Ab: wanted a string, got 2");
    }

    @Test
    void longValuesAreQuotedInPart() throws IOException {
        var json = json("{\"a\": \"" + "x".repeat(10_000) + "\"}");
        refuses(() -> json.requireInt("a"), json.file(), "xxx...");
    }
}
