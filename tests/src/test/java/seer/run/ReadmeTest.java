package seer.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The README is true: its Java compiles, the files it names exist.
class ReadmeTest {
    @TempDir
    private Path folder;

    @Test
    void theJavaInTheReadmeCompiles() throws IOException {
        var code = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(Path.of("README.md")));
        int blocks = 0;
        while (code.find()) {
            blocks++;
            assertCompiles(code.group(1));
        }
        assertEquals(2, blocks);
    }

    private void assertCompiles(String code) throws IOException {
        Path source = folder.resolve("Readme.java");
        Files.writeString(source, """
                import dev.langchain4j.data.message.*; import dev.langchain4j.model.chat.response.*;
                import java.nio.file.*; import seer.gate.*; import seer.langchain4j.*; import seer.model.*;
                import seer.model.text.*;
                class Readme { void run() throws Exception { %s } }
                """.formatted(code));
        var messages = new StringWriter();
        var compiler = ToolProvider.getSystemJavaCompiler();
        var files = compiler.getStandardFileManager(null, null, null);
        var task = compiler.getTask(messages, files, null,
                List.of("-d", folder.toString(), "-cp", System.getProperty("java.class.path"), "-proc:none"), null,
                files.getJavaFileObjects(source));
        assertEquals(true, task.call(), messages.toString());
    }

    @Test
    void linkedFilesExist() throws IOException {
        var link = Pattern.compile("\\]\\(([^)#:]+)\\)").matcher(Files.readString(Path.of("README.md")));
        int links = 0;
        while (link.find()) {
            assertTrue(Files.exists(Path.of(link.group(1))), link.group(1));
            links++;
        }
        assertTrue(links > 1);
    }
}
