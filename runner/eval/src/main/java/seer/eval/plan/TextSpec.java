package seer.eval.plan;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import seer.eval.PathLabels;

/// A text to measure on.
///
/// @param name in tables and samples
/// @param most tokens that are read of it
public record TextSpec(String name, Path file, int most) {
    private static final String WORD = "file";

    public TextSpec {
        if (name.isEmpty() || most < 2) {
            throw new IllegalArgumentException("the text " + file + " has the name \"" + name + "\" and " + most
                    + " tokens at most, wanted a name and at least 2");
        }
    }

    /// A whole text, named after its file.
    public static TextSpec of(Path file) {
        return all(List.of(file), Integer.MAX_VALUE).getFirst();
    }

    /// Texts named after their files, so that no two have the same name.
    ///
    /// @param most tokens that are read of each
    public static List<TextSpec> all(List<Path> files, int most) {
        var labels = PathLabels.of("--text", files);
        var texts = new ArrayList<TextSpec>();
        for (Path file : files) {
            texts.add(new TextSpec(labels.get(texts.size()), file, most));
        }
        return texts;
    }

    /// The same, found from any folder.
    public TextSpec absolute() {
        return new TextSpec(name, file.toAbsolutePath(), most);
    }

    /// As [#parse] reads it.
    public String text() {
        return SpecText.of(WORD).with("name", name).with("most", most).with("path", file).print();
    }

    /// Reads what [#text] wrote.
    ///
    /// @throws IllegalArgumentException quoting what was written and what was wanted
    public static TextSpec parse(String text) {
        var spec = SpecText.parse(text);
        if (!spec.word().equals(WORD)) {
            throw spec.wrong("wanted " + WORD + ":");
        }
        var read = new TextSpec(spec.one("name"), Path.of(spec.one("path")), spec.whole("most"));
        spec.requireSpent();
        return read;
    }
}
