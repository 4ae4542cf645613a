<?php
// Writes hashes that PHP makes, as a JSON list of [form, password, hash].
//
//     php php.php <passwords.json
//
// Costs are as low as PHP allows.

$salt = fn (int $length) => substr(strtr(base64_encode(random_bytes($length)), '+', '.'), 0, $length);
$forms = [
    'bcrypt' => fn ($p) => password_hash($p, PASSWORD_BCRYPT, ['cost' => 4]),
    'argon2i' => fn ($p) => password_hash($p, PASSWORD_ARGON2I, ['memory_cost' => 8, 'time_cost' => 2]),
    'argon2id' => fn ($p) => password_hash($p, PASSWORD_ARGON2ID, ['memory_cost' => 16, 'time_cost' => 1]),
    'crypt $2a$' => fn ($p) => crypt($p, '$2a$04$' . $salt(22)),
    'crypt $5$' => fn ($p) => crypt($p, '$5$' . $salt(16) . '$'),
    'crypt $5$ rounds' => fn ($p) => crypt($p, '$5$rounds=1000$' . $salt(20) . '$'),
    'crypt $6$ rounds' => fn ($p) => crypt($p, '$6$rounds=1234$' . $salt(8) . '$'),
    // wp_hash_password of WordPress 6.8
    'WordPress' => fn ($p) => '$wp' . password_hash(
        base64_encode(hash_hmac('sha384', trim($p), 'wp-sha384', true)),
        PASSWORD_BCRYPT,
        ['cost' => 4]
    ),
];

$passwords = json_decode(stream_get_contents(STDIN), true, 512, JSON_THROW_ON_ERROR);
$hashes = [];
foreach ($forms as $name => $make) {
    foreach ($passwords as $p) {
        if ($name === 'WordPress' && trim($p) === '') {
            continue; // WordPress takes it for no password
        }
        $hashes[] = [$name, $p, $make($p)];
    }
}
echo json_encode($hashes, JSON_THROW_ON_ERROR);
