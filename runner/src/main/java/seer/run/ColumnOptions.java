package seer.run;

import java.util.List;
import picocli.CommandLine.Option;

/// What documents are called and what of them is read.
final class ColumnOptions {
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
