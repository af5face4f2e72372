package seer.sim;

/// What stands in the place of `seer.warp.Occupancy`. Registers are not simulated; what would be no instruction is a
/// fault.
public final class OccupancyModel {

    private OccupancyModel() {
    }

    public static void groups(int together) {
        if (together < 1 || together > 32) {
            throw fault("a multiprocessor holds 1 to 32 groups, not " + together);
        }
    }

    public static void take(int registers) {
        change("Occupancy.take", registers);
    }

    public static void give(int registers) {
        change("Occupancy.give", registers);
    }

    private static void change(String what, int registers) {
        if (registers < 24 || registers > 256 || registers % 8 != 0) {
            throw fault("an item has 24 to 256 registers, a multiple of 8, not " + registers);
        }
        SimulatorThread.group().collectives.products().step(what, registers);
    }

    private static KernelFault fault(String reason) {
        WorkGroup group = SimulatorThread.group();
        return new KernelFault(Fault.OUT_OF_RANGE, group.place(group.item, null, -1), reason);
    }
}
