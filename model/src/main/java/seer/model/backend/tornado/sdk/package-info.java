/// TornadoVM as this process finds it: its version, its devices, the system's libraries below, and what keeps it from
/// computing.
///
/// **Internal**: public for Seer's own packages alone, and may change with any version.
package seer.model.backend.tornado.sdk;
