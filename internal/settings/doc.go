// Package settings reads the settings of a server from where people put them. One struct is the
// whole truth: each field's tags say what the setting is called, what it means, what it is without
// being set, and whether it can change while the server runs. From that struct come the flags, the
// variables of the environment, the keys of the file, the help and the page in the documentation.
//
//	type serve struct {
//		SessionIdle settings.Duration `name:"session-idle" default:"1h" reload:"" group:"Sessions" help:"How long …"`
//	}
//
// The setting session-idle is the flag --session-idle, the variable HANDSTAMP_SESSION_IDLE and the
// key session-idle of the TOML file. A flag counts more than the environment, that more than the
// file, and that more than the default. An empty variable counts as not set.
//
// What is not known is refused, and the nearest known name is named: a misspelt setting that nobody
// notices may be a door that nobody closed. All that is wrong is reported at once, each with where
// it came from.
//
// # Secrets
//
// A setting of type [secret.Text] has no flag of its own, as everybody on the machine can read
// those. It comes from one of
//
//   - the variable, or the file that the variable with _FILE at its end names,
//   - the file handstamp_NAME (with underscores) in the folder $CREDENTIALS_DIRECTORY, which is how
//     systemd hands out credentials,
//   - the key, or the file that the key with -file at its end names,
//   - the file that the flag with -file at its end names.
//
// Two of them in the same layer, which is flags, environment or file, are an error.
//
// # Tags
//
//	name      the name, in kebab case
//	group     the heading under which it is documented; without one, that of the field before
//	help      what it does, in sentences
//	default   what it is when it is not set
//	enum      the values that a string may have, separated by commas
//	min, max  the bounds of a number, duration or size
//	reload    present where a change takes effect without a restart
//	flag      "-" where somebody else defines the flag
package settings
