package seer.spark;

import java.util.Arrays;
import org.apache.spark.sql.types.StructType;

/// Names of columns, which may hold whatever a user's data call them.
final class Names {
    private Names() { }

    /// As Spark reads it to be one name, though it may have a dot in it.
    static String quoted(String name) {
        return "`" + name.replace("`", "``") + "`";
    }

    /// A name that no column has: one of that name would be replaced.
    static String unused(StructType schema, String wanted) {
        String name = wanted;
        while (isIn(schema, name)) {
            name += "_";
        }
        return name;
    }

    /// In any case of its letters, as Spark finds columns.
    private static boolean isIn(StructType schema, String name) {
        return Arrays.stream(schema.fieldNames()).anyMatch(name::equalsIgnoreCase);
    }
}
