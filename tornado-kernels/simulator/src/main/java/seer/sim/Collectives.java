package seer.sim;

/// What the items of a group do together, by warps and by four of them, made when first wanted.
final class Collectives {

    private final WorkGroup group;
    private final int items;
    private final Meeting[] meetings;
    private final Products[] products;

    Collectives(WorkGroup group, int items) {
        this.group = group;
        this.items = items;
        meetings = new Meeting[items / Meeting.LANES];
        products = new Products[items / Products.ITEMS];
    }

    void beginGroup() {
        for (Meeting meeting : meetings) {
            if (meeting != null) {
                meeting.beginGroup();
            }
        }
        for (Products each : products) {
            if (each != null) {
                each.beginGroup();
            }
        }
    }

    void endPhase() {
        for (Products each : products) {
            if (each != null) {
                each.endPhase();
            }
        }
    }

    void endGroup() {
        for (Products each : products) {
            if (each != null) {
                each.endGroup();
            }
        }
    }

    /// That of the current item's warp.
    Meeting meeting() {
        int warp = group.item / Meeting.LANES;
        if (warp >= meetings.length) {
            throw divergent("its warp has only " + items % Meeting.LANES + " lanes, and an operation wants 32");
        }
        if (meetings[warp] == null) {
            meetings[warp] = new Meeting(group, warp * Meeting.LANES);
        }
        return meetings[warp];
    }

    /// Those of the current item and its 127 neighbours.
    Products products() {
        int number = group.item / Products.ITEMS;
        if (number >= products.length) {
            throw divergent("it is one of " + items % Products.ITEMS + " items, and an operation wants 128");
        }
        if (products[number] == null) {
            products[number] = new Products(group, number * Products.ITEMS, group.launch.watched());
        }
        return products[number];
    }

    /// The current item's registers, if products may be under way, else null.
    Registers registers() {
        int number = group.item / Products.ITEMS;
        return number >= products.length || products[number] == null ? null : products[number].registers();
    }

    private KernelFault divergent(String reason) {
        return new KernelFault(Fault.DIVERGENT_WARP, group.place(group.item, null, -1), reason);
    }
}
