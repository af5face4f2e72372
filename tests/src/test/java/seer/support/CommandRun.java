package seer.support;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import seer.run.Main;

/// What a command of `seer` printed, and how it ended.
public record CommandRun(int code, String out, String err) {

    public static CommandRun of(String... words) {
        var out = new StringWriter();
        var err = new StringWriter();
        int code = Main.run(words, new PrintWriter(out, true), new PrintWriter(err, true));
        return new CommandRun(code, out.toString(), err.toString());
    }

    public static CommandRun of(List<String> words) {
        return of(words.toArray(String[]::new));
    }
}
