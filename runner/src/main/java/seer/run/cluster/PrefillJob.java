package seer.run.cluster;

import java.util.List;
import java.util.Map;

/// Documents to be read, and how.
///
/// @param input    folder or file of them
/// @param output   folder for the results
/// @param format   `json` for lines of JSON, `parquet`; null where the names of the files tell
/// @param id       column that names a document
/// @param column   column with its text or tokens
/// @param tokens   whether it has tokens
/// @param keep     other columns that come along
/// @param settings of the transformer, by name
public record PrefillJob(String input, String output, String format, String id, String column, boolean tokens,
                         List<String> keep, Map<String, Object> settings) { }
