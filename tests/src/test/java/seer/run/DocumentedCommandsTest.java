package seer.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import seer.gate.rival.Rival;

/// Commands in documents are commands, with options that there are; and what can be called stands in a document.
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

    @Test
    void everyCommandIsInTheReadmeOrInADocument() throws IOException {
        var text = new StringBuilder(Files.readString(Path.of("README.md")));
        try (var docs = Files.list(Path.of("docs"))) {
            for (Path file : docs.filter(file -> file.toString().endsWith(".md")).toList()) {
                text.append(Files.readString(file));
            }
        }
        assertEquals(List.of(), new CommandLine(new Main()).getSubcommands().keySet().stream()
                .filter(name -> !text.toString().contains("seer " + name)).toList());
    }

    @Test
    void everyRivalStandsInTheTableOfRivals() throws IOException {
        String table = Files.readString(Path.of("docs/experiments.md"));
        assertEquals(List.of(), Arrays.stream(Rival.values()).map(rival -> "| `" + rival.word() + ":")
                .filter(row -> !table.contains(row)).toList());
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
