package seer.spark;

import java.util.List;
import org.junit.jupiter.api.Test;

class SeerPrefillTest {
    @Test
    void smoke() throws Exception {
        try (var spark = LocalSpark.open()) {
            var read = LocalSpark.prefill().setNewTokens(4).setLogLikelihoods(true).transform(LocalSpark.documents(spark, LocalSpark.texts(6)).repartition(2));
            for (var row : read.collectAsList()) {
                System.out.println(LocalSpark.facts(row.getAs("seer")).substring(0, 100) + row.getStruct(2).getStruct(6));
            }
        }
    }
}
