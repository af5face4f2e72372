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
    /// A line of its own and those that it goes on in, or words between backticks in the middle of a text.
    private static final Pattern COMMAND = Pattern.compile(
            "(?m)^ *(?:\\$ )?(?:bin/)?seer ([a-z-](?:\\\\\\n|[^\\n`])*)|`(?:bin/)?seer ([a-z-][^`]*)`");
    private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|(\\S+)");
    /// What stands for something else, or for nothing: `...`, `R`, `single|track`, `[--bf16]`.
    private static final Pattern GAP = Pattern.compile("\\.\\.\\.|\\b[A-Z]\\b|\\||(?<=\\s)\\[");
    private static final String SHOWN = "--show-command"; // by the start script, which keeps it to itself

    private final CommandLine line = new CommandLine(new Main());

    @Test
    void commandsAndTheirOptionsExistAndFit() throws IOException {
        var wrong = new ArrayList<String>();
        int seen = 0;
        try (var docs = Files.list(Path.of("docs"))) {
            var files = new ArrayList<>(docs.filter(file -> file.toString().endsWith(".md")).toList());
            files.addAll(List.of(Path.of("README.md"), Path.of("CHANGELOG.md"), Path.of("demo-model/README.md")));
            for (Path file : files) {
                var command = COMMAND.matcher(Files.readString(file));
                while (command.find()) {
                    seen++;
                    boolean whole = command.group(1) != null;
                    String words = (whole ? command.group(1) : command.group(2)).replace("\\\n", " ")
                            .replaceFirst("\\s[#|>](?s:.*)", "").replace(SHOWN, "").strip();
                    String problem = problem(words);
                    if (problem == null && !GAP.matcher(words).find()) {
                        problem = misfit(words, whole);
                    }
                    if (problem != null) {
                        wrong.add(file + ": seer " + words + ": " + problem);
                    }
                }
            }
        }
        assertTrue(seen > 100, "commands: " + seen);
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

    private String problem(String words) {
        CommandLine at = line;
        boolean named = true;
        for (String word : words.strip().split("\\s+")) {
            if (word.equals("...")) {
                return null; // a command may stand for it
            }
            String option = word.replaceFirst("=.*", "");
            if (named && at.getSubcommands().containsKey(word)) {
                at = at.getSubcommands().get(word);
            } else if (option.matches("--[a-z].*")) {
                if (at.getCommandSpec().findOption(option) == null
                        && !at.getCommandSpec().negatedOptionsMap().containsKey(option)) {
                    return at.getCommandName() + " has no " + option;
                }
            } else if (named && word.matches("[a-z]+") && !at.getSubcommands().isEmpty()) {
                return at.getCommandName() + " has no command " + word;
            }
            named &= !word.startsWith("-");
        }
        return null;
    }

    /// What the command line says of it; null where it would run, or would if more stood there and it is not whole.
    private String misfit(String words, boolean whole) {
        try {
            line.parseArgs(WORD.matcher(words).results()
                    .map(word -> word.group(1) != null ? word.group(1) : word.group(2)).toArray(String[]::new));
            return null;
        } catch (CommandLine.MissingParameterException e) {
            return whole ? e.getMessage() : null;
        } catch (CommandLine.ParameterException e) {
            return e.getMessage();
        }
    }
}
