package seer.sim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static seer.sim.Launches.counting;
import static seer.sim.Launches.row;
import static uk.ac.manchester.tornado.api.enums.DataTransferMode.EVERY_EXECUTION;

import java.util.Arrays;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.WorkerGrid2D;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Correct kernels give one result under every schedule; those that do not are found.
class ScheduleTest {

    static Stream<Settings> everyWay() {
        return Stream.of(Schedule.ASCENDING, Schedule.DESCENDING, Schedule.shuffled(1),
                Schedule.shuffled(2)).flatMap(s -> Stream.of(Checks.FULL, Checks.RANGES)
                        .map(c -> Settings.DEFAULT.withSchedules(s).withChecks(c)));
    }

    @ParameterizedTest
    @MethodSource("everyWay")
    void aTreeOfSumsIsRight(Settings settings) {
        FloatArray in = counting(40);
        FloatArray out = new FloatArray(5);
        Simulator.with(settings, () -> Launches.run(row(40, 8), g -> g
                .transferToDevice(EVERY_EXECUTION, in)
                .task("t", Correct::sum, new KernelContext(), in, out)
                .transferToHost(EVERY_EXECUTION, out)));
        assertArrayEquals(new float[] {36, 100, 164, 228, 292}, out.toHeapArray());
    }

    @ParameterizedTest
    @MethodSource("everyWay")
    void aTiledMatmulIsRight(Settings settings) {
        int m = 8;
        int n = 12;
        int k = 16;
        FloatArray a = counting(m * k);
        FloatArray b = counting(k * n);
        FloatArray c = new FloatArray(m * n);
        WorkerGrid2D grid = new WorkerGrid2D(n, m);
        grid.setLocalWork(Correct.TILE, Correct.TILE, 1);
        Simulator.with(settings, () -> Launches.run(grid, g -> g
                .transferToDevice(EVERY_EXECUTION, a, b)
                .task("t", Correct::matmul, new KernelContext(), a, b, c, n, k)
                .transferToHost(EVERY_EXECUTION, c)));
        float[] expected = new float[m * n];
        for (int i = 0; i < m * n; i++) {
            for (int p = 0; p < k; p++) {
                expected[i] += a.get(i / n * k + p) * b.get(p * n + i % n);
            }
        }
        assertArrayEquals(expected, c.toHeapArray());
    }

    @ParameterizedTest
    @MethodSource("everyWay")
    void atomicAdditionsMeetOnOneElement(Settings settings) {
        IntArray in = IntArray.fromElements(0, 1, 1, 3, 3, 3, 0, 1, 1, 1, 1, 1, 0, 0, 0, 3);
        IntArray counts = new IntArray(4);
        Simulator.with(settings, () -> Launches.run(row(16, 4), g -> g
                .transferToDevice(EVERY_EXECUTION, in, counts)
                .task("t", Correct::histogram, new KernelContext(), in, counts)
                .transferToHost(EVERY_EXECUTION, counts)));
        assertArrayEquals(new int[] {5, 7, 0, 4}, counts.toHeapArray());
    }

    @Test
    void anOutputThatDependsOnTheScheduleIsFoundWithoutWatches() {
        FloatArray in = counting(8);
        FloatArray out = new FloatArray(8);
        Settings settings = Settings.DEFAULT.withChecks(Checks.RANGES)
                .withSchedules(Schedule.ASCENDING, Schedule.DESCENDING);
        Simulator.with(settings, () -> {
            KernelFault fault = Launches.fault(row(8, 8), g -> g
                    .transferToDevice(EVERY_EXECUTION, in)
                    .task("t", Faulty::lastItemWins, new KernelContext(), in, out)
                    .transferToHost(EVERY_EXECUTION, out));
            assertEquals(Fault.SCHEDULE_DEPENDENT, fault.fault());
            assertEquals("out", fault.place().buffer());
        });
    }

    @Test
    void everyScheduleGivesEachItemOneTurn() {
        for (Schedule schedule : new Schedule[] {Schedule.ASCENDING, Schedule.DESCENDING,
            Schedule.shuffled(5)}) {
            int[] numbers = new int[37];
            schedule.fill(numbers, 3);
            Arrays.sort(numbers);
            for (int i = 0; i < numbers.length; i++) {
                assertEquals(i, numbers[i]);
            }
        }
    }

    @Test
    void schedulesAreReadAsTheyPrint() {
        for (Schedule schedule : new Schedule[] {Schedule.ASCENDING, Schedule.DESCENDING,
            Schedule.shuffled(5)}) {
            assertEquals(schedule, Schedule.parse(schedule.toString()));
        }
    }
}
