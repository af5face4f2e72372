/// Models written in another form than they came in.
///
/// **API**: what is public here is kept from version to version, or its change is told.
package seer.model.convert;
