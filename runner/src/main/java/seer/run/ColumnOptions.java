package seer.run;

import java.util.HashSet;
import java.util.List;
import picocli.CommandLine.Option;

/// What documents are called and what of them is read.
final class ColumnOptions {
    /// Column of what came of a document.
    static final String RESULT = "seer";

    @Option(names = "--id", paramLabel = "COLUMN", defaultValue = "id",
            description = "Column that names a document (default: ${DEFAULT-VALUE}).")
    private String id;

    @Option(names = "--text-column", paramLabel = "COLUMN",
            description = "Column with texts (default: text).")
    private String textColumn;

    @Option(names = "--tokens-column", paramLabel = "COLUMN", description = "Column with tokens instead of texts.")
    private String tokensColumn;

    @Option(names = "--keep", paramLabel = "COLUMN", split = ",",
            description = "Columns that come along into the results.")
    private List<String> keep = List.of();

    void check() {
        if (textColumn != null && tokensColumn != null) {
            throw new UsageException("--text-column and --tokens-column are both there, wanted one of them");
        }
        var seen = new HashSet<>(List.of(id, RESULT));
        for (String name : keep) {
            if (!seen.add(name)) {
                String why = name.equals(id) ? ", the names, which results have anyway"
                        : name.equals(RESULT) ? ", which is what results are called" : " twice";
                throw new UsageException("--keep has " + name + why + ": wanted other columns, each once");
            }
        }
    }

    String id() {
        return id;
    }

    /// The column that is read.
    String column() {
        return tokensColumn != null ? tokensColumn : textColumn == null ? "text" : textColumn;
    }

    /// Whether it has tokens.
    boolean tokens() {
        return tokensColumn != null;
    }

    List<String> keep() {
        return keep;
    }
}
