package seer.run.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import seer.model.backend.ElementType;
import seer.support.Conformance;
import seer.support.OnTensorCores;
import seer.support.Tornado;

/// What `seer bench` times.
@Conformance
@OnTensorCores
class SuiteTest {

    @ParameterizedTest
    @EnumSource(names = {"F32", "BF16"})
    void everyPieceOfWorkRunsInEachPrecision(ElementType precision) {
        try (var backend = Tornado.open(precision);
                var attention = new AttentionBench(backend, new AttentionShape(130, 2, 1, 64, 64, 0.5));
                var product = new MatmulBench(backend, 70, 64, 128)) {
            attention.dense();
            attention.sparse();
            attention.select();
            product.run();
            backend.await();
            assertEquals(2.0 * 70 * 64 * 128, product.flops());
        }
    }
}
