package seer.spark;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import seer.model.load.JsonLine;
import seer.model.load.Utf8Text;

/// What Spark is told of a line of JSON. Its own reader takes what stands before the first fault, numbers for texts,
/// and half a character for a question mark.
///
/// @param id     field with the name
/// @param keep   fields that come along
/// @param column field with the text, or with tokens
record DocumentLine(String id, List<String> keep, String column, boolean tokens) implements UDF1<String, Row> {
    private static final String ID = "id";
    private static final String KEPT = "kept";
    private static final String DOCUMENT = "document";

    private StructType type() {
        StructType type = new StructType().add(ID, DataTypes.StringType);
        for (int i = 0; i < keep.size(); i++) {
            type = type.add(KEPT + i, DataTypes.StringType);
        }
        return type.add(DOCUMENT, tokens ? DataTypes.createArrayType(DataTypes.LongType) : DataTypes.BinaryType);
    }

    /// All of it, of a column with lines.
    Column read(Column line) {
        return functions.udf(this, type()).apply(line);
    }

    /// The name, null where the line is no JSON or has none.
    Column name(String read) {
        return functions.col(read + "." + ID).as(id);
    }

    /// What comes along.
    List<Column> kept(String read) {
        var columns = new ArrayList<Column>();
        for (int i = 0; i < keep.size(); i++) {
            columns.add(functions.col(read + "." + KEPT + i).as(keep.get(i)));
        }
        return columns;
    }

    /// Bytes of a text, or tokens; null where there are none.
    Column document(String read) {
        return functions.col(read + "." + DOCUMENT);
    }

    @Override
    public Row call(String line) {
        JsonNode object = JsonLine.of(line).object();
        var values = new Object[keep.size() + 2];
        values[0] = text(object.path(id));
        for (int i = 0; i < keep.size(); i++) {
            values[i + 1] = text(object.path(keep.get(i)));
        }
        JsonNode document = object.path(column);
        values[keep.size() + 1] = tokens ? numbers(document)
                : document.isTextual() ? Utf8Text.encode(document.textValue()) : null;
        return RowFactory.create(values);
    }

    private static String text(JsonNode value) {
        return value.isMissingNode() || value.isNull() ? null
                : value.isTextual() ? value.textValue() : value.toString();
    }

    /// What is no whole number among them is null.
    private static List<Long> numbers(JsonNode list) {
        if (!list.isArray()) {
            return null;
        }
        var numbers = new ArrayList<Long>();
        list.forEach(each -> numbers.add(each.isIntegralNumber() && each.canConvertToLong() ? each.longValue() : null));
        return numbers;
    }
}
