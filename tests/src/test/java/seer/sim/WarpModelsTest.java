package seer.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import seer.warp.AsyncCopy;
import seer.warp.BulkCopy;
import seer.warp.Cluster;
import seer.warp.Occupancy;
import seer.warp.Quad;
import seer.warp.Warp;
import seer.warp.WarpGroup;

/// The operations of a warp and the simulator's models of them know of each other by name only.
class WarpModelsTest {

    private static List<String> operations(Class<?> type) {
        return Arrays.stream(type.getDeclaredMethods())
                .filter(method -> Modifier.isPublic(method.getModifiers()) && Modifier.isStatic(method.getModifiers()))
                .map(WarpModelsTest::signature).sorted().toList();
    }

    private static String signature(Method method) {
        return method.getReturnType().getName() + ' ' + method.getName() + Arrays.toString(method.getParameterTypes());
    }

    @ParameterizedTest
    @ValueSource(classes = {Warp.class, WarpGroup.class, AsyncCopy.class, BulkCopy.class, Cluster.class,
        Quad.class, Occupancy.class})
    void everyOperationHasItsModel(Class<?> operations) throws ClassNotFoundException {
        List<String> wanted = operations(operations);
        assertFalse(wanted.isEmpty(), operations.getName());
        assertEquals(wanted, operations(Class.forName("seer.sim." + operations.getSimpleName() + "Model")));
    }

    @Test
    void outsideAKernelAnOperationSaysSo() {
        var thrown = assertThrows(IllegalStateException.class, () -> Warp.pack(1, 2));
        assertTrue(thrown.getMessage().contains("inside a kernel only"), thrown.getMessage());
    }
}
