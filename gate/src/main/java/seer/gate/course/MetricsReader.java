package seer.gate.course;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import seer.model.load.FileTrouble;
import seer.model.load.MalformedModelException;
import seer.model.load.Quoted;

/// Reads what [MetricsFile] wrote, as strictly as it was written: every step once and in order, every cell a number.
///
/// A run that was killed leaves more lines than its checkpoint has steps, the last one perhaps torn; never fewer.
public final class MetricsReader {
    private static final Pattern WHOLE = Pattern.compile("[0-9]{1,18}");
    private static final Pattern NUMBER = Pattern.compile("-?[0-9]+(\\.[0-9]+)?([eE][+-]?[0-9]{1,3})?");

    private final Path file;
    private final List<String> columns;
    private final int planned;

    private MetricsReader(Path file, List<String> columns, int planned) {
        this.file = file;
        this.columns = MetricsFile.all(columns);
        this.planned = planned;
    }

    /// A line as it stands there, and what it says.
    public record Line(String text, StepRow row) { }

    /// The lines of the first `steps` steps.
    ///
    /// @throws MalformedModelException naming the file, the line and the column that is wrong
    public static List<Line> read(Path file, List<String> columns, int planned, int steps) {
        return new MetricsReader(file, columns, planned).lines(text(file).split("\n", -1), steps);
    }

    private static String text(Path file) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(Files.readAllBytes(file))).toString();
        } catch (CharacterCodingException e) {
            throw new MalformedModelException(file, "wanted UTF-8 text, got other bytes", e);
        } catch (NoSuchFileException e) {
            throw new MalformedModelException(file, "wanted the metrics of the training, got nothing: there is no such "
                    + "file", e);
        } catch (IOException e) {
            throw new MalformedModelException(file, FileTrouble.reading(file, e), e);
        }
    }

    private List<Line> lines(String[] text, int steps) {
        String header = String.join(",", columns);
        if (!text[0].equals(header)) {
            throw new MalformedModelException(file, "line 1: wanted the columns " + header + ", got "
                    + Quoted.of(text[0]));
        }
        int whole = text.length - 1; // what follows the last end of line is empty, or the torn line of a killed run
        boolean torn = !text[whole].isEmpty();
        int made = whole - 1;
        if (made < steps || made > planned || torn && made == planned) {
            throw new MalformedModelException(file, "wanted lines of " + steps + " steps, which the checkpoint has, "
                    + "and of " + planned + " at most, got " + made + (torn ? " and part of one" : ""));
        }
        var lines = new ArrayList<Line>();
        for (int step = 1; step <= made; step++) {
            lines.add(new Line(text[step], row(text[step].split(",", -1), step)));
        }
        return lines.subList(0, steps);
    }

    private StepRow row(String[] cells, int step) {
        if (cells.length != columns.size()) {
            throw new MalformedModelException(file, "line " + (step + 1) + ": wanted " + columns.size()
                    + " cells, got " + cells.length);
        }
        if (!cells[0].equals(Integer.toString(step))) {
            throw wrong(step, 0, Integer.toString(step), cells[0]);
        }
        double rate = amount(cells, step, 1);
        if (!WHOLE.matcher(cells[2]).matches()) {
            throw wrong(step, 2, "a number of tokens", cells[2]);
        }
        double seconds = amount(cells, step, 3);
        amount(cells, step, 4);
        var values = new ArrayList<Double>();
        for (int at = MetricsFile.all(List.of()).size(); at < columns.size(); at++) {
            values.add(columns.get(at).endsWith(MetricsFile.NORM) ? amount(cells, step, at) : number(cells, step, at));
        }
        return new StepRow(step, rate, Long.parseLong(cells[2]), seconds, values);
    }

    private double number(String[] cells, int step, int column) {
        double value = NUMBER.matcher(cells[column]).matches() ? Double.parseDouble(cells[column]) : Double.NaN;
        if (!Double.isFinite(value)) {
            throw wrong(step, column, "a finite number", cells[column]);
        }
        return value;
    }

    private double amount(String[] cells, int step, int column) {
        double value = number(cells, step, column);
        if (value < 0) {
            throw wrong(step, column, "a number of at least 0", cells[column]);
        }
        return value;
    }

    private MalformedModelException wrong(int step, int column, String wanted, String got) {
        return new MalformedModelException(file, "line " + (step + 1) + ", column " + columns.get(column) + ": wanted "
                + wanted + ", got \"" + Quoted.of(got) + "\"");
    }
}
