package seer.spark;

import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataTypes;

/// Documents dealt to partitions by their length: each gets its part of long ones and of short ones, and begins with
/// the long ones. So one session serves for documents of about one length, and no long one comes last.
final class Dealing {
    private Dealing() { }

    /// @param column     with texts or tokens
    /// @param partitions 0 leaves documents where they are
    static Dataset<Row> by(Dataset<Row> documents, String column, int partitions) {
        if (partitions == 0) {
            return documents;
        }
        Column input = documents.col(Names.quoted(column));
        boolean tokens = documents.schema().apply(column).dataType() instanceof ArrayType;
        Column length = tokens ? functions.size(input) : functions.octet_length(input.cast(DataTypes.BinaryType));
        return documents.repartition(partitions).sortWithinPartitions(length.desc());
    }
}
