package seer.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/// Commands in documents are commands, with options that there are.
class DocumentedCommandsTest {
    private static final Pattern COMMAND = Pattern.compile("bin/seer ((?:[^\\n`]|\\\\\\n)*)");

    @Test
    void commandsAndTheirOptionsExist() throws IOException {
        var wrong = new ArrayList<String>();
        int seen = 0;
        try (var docs = Files.list(Path.of("docs"))) {
            var files = new ArrayList<>(docs.filter(file -> file.toString().endsWith(".md")).toList());
            files.add(Path.of("README.md"));
            files.add(Path.of("demo-model/README.md"));
            for (Path file : files) {
                var command = COMMAND.matcher(Files.readString(file));
                while (command.find()) {
                    seen++;
                    String problem = problem(command.group(1).replace("\\\n", " ").replaceFirst("\\s#.*", ""));
                    if (problem != null) {
                        wrong.add(file + ": bin/seer " + command.group(1) + ": " + problem);
                    }
                }
            }
        }
        assertTrue(seen > 20, "commands: " + seen);
        assertEquals(List.of(), wrong);
    }

    private static String problem(String words) {
        CommandLine at = new CommandLine(new Main());
        boolean named = true;
        for (String word : words.strip().split("\\s+")) {
            String option = word.replaceFirst("=.*", "");
            if (named && at.getSubcommands().containsKey(word)) {
                at = at.getSubcommands().get(word);
            } else if (option.matches("--[a-z].*") && !option.equals("--show-command")) {
                if (at.getCommandSpec().findOption(option) == null) {
                    return at.getCommandName() + " has no " + option;
                }
            } else if (named && word.matches("[a-z]+") && !at.getSubcommands().isEmpty()) {
                return at.getCommandName() + " has no command " + word;
            }
            named &= !word.startsWith("-") || option.equals("--show-command");
        }
        return null;
    }
}
