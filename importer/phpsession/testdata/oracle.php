<?php
// Writes sessions for the tests. Each line of input is a recipe: a list of names and values. Each line of output is an
// object: what session_encode makes of them, in base64, and what they should be as JSON; no JSON where there is none.
//
//     php -d session.serialize_handler=HANDLER oracle.php

namespace Shop;

enum Suit: string { case Hearts = 'h'; case Spades = 's'; }

class Item
{
    public $title;
    protected $price;
    private $secret;
    public function __construct($title, $price, $secret) { [$this->title, $this->price, $this->secret] = [$title, $price, $secret]; }
    public function __wakeup() { die('constructed'); }
}

class Base { private $name = 'of the parent'; protected $kind = 'kind'; private $other = 1; }

class Child extends Base { private $name = 'of the child'; public $kind = 'public'; }

// What later recipes refer to: slots by reference, and objects.
$slots = $objects = [];

function build(&$slot, array $recipe): void
{
    global $slots, $objects;
    switch ($recipe['kind']) {
        case 'null': $slot = null; break;
        case 'bool': $slot = $recipe['text'] === '1'; break;
        case 'int': $slot = (int) $recipe['text']; break;
        case 'float': $slot = unpack('E', base64_decode($recipe['text']))[1]; break;
        case 'string': $slot = base64_decode($recipe['text']); break;
        case 'enum': $slot = Suit::Hearts; break;
        case 'child': $slot = new Child(); break;
        case 'same': $slot = $objects[$recipe['number']]; break;
        case 'array': $slot = fill([], $recipe['members']); break;
        case 'std': $slot = (object) fill([], $recipe['members']); $objects[] = $slot; break;
        case 'item':
            $parts = array_values(fill([], $recipe['members']));
            $slot = new Item($parts[0] ?? null, $parts[1] ?? null, $parts[2] ?? null);
            $objects[] = $slot;
    }
    if ($recipe['shared'] ?? false) {
        $slots[] = &$slot;
    }
}

function fill(array $array, ?array $members): array
{
    global $slots;
    foreach ($members ?? [] as $member) {
        $key = base64_decode($member['key']);
        unset($array[$key]);
        if ($member['value']['kind'] === 'shared') {
            $array[$key] = &$slots[$member['value']['number']];
        } else {
            $array[$key] = null;
            build($array[$key], $member['value']);
        }
    }
    return $array;
}

class NoJSON extends \Exception {}

function text(string $bytes): string
{
    if (!preg_match('//u', $bytes)) {
        throw new NoJSON();
    }
    return json_encode($bytes);
}

function json($value): string
{
    switch (true) {
        case is_float($value) && !is_finite($value):
            return '{"__PHP_Float":"' . (is_nan($value) ? 'NAN' : ($value > 0 ? 'INF' : '-INF')) . '"}';
        case is_string($value):
            return preg_match('//u', $value) ? json_encode($value) : '{"__PHP_Base64":"' . base64_encode($value) . '"}';
        case is_array($value) && array_is_list($value):
            return '[' . implode(',', array_map('Shop\json', $value)) . ']';
        case $value instanceof \UnitEnum:
            return json_encode($value::class . ':' . $value->name);
        case $value instanceof Child:
            return '{"__PHP_Incomplete_Class_Name":"Shop\\\\Child","name":"of the child","Shop\\\\Base::name":"of the parent","kind":"public","other":1}';
        case is_array($value) || is_object($value):
            $members = [];
            if (is_object($value) && !$value instanceof \stdClass) {
                $members[] = '"__PHP_Incomplete_Class_Name":' . json_encode($value::class);
            }
            foreach ((array) $value as $key => $member) {
                $hidden = strrpos($key, "\0");
                $key = is_object($value) && $hidden !== false && $key[0] === "\0" && !$value instanceof \stdClass ? substr($key, $hidden + 1) : $key;
                $members[] = text((string) $key) . ':' . json($member);
            }
            return '{' . implode(',', $members) . '}';
        default:
            return json_encode($value, JSON_PRESERVE_ZERO_FRACTION);
    }
}

ini_set('serialize_precision', '-1');
session_start(['use_cookies' => 0, 'cache_limiter' => '']);
while (($line = fgets(STDIN)) !== false) {
    $slots = $objects = [];
    $_SESSION = fill([], json_decode($line, true, 512, JSON_THROW_ON_ERROR));
    $encoded = session_encode();
    if ($encoded === false) { // there is nothing in it
        $encoded = '';
    }
    try {
        $members = [];
        foreach ($_SESSION as $key => $value) {
            $members[] = text((string) $key) . ':' . json($value);
        }
        $json = '{' . implode(',', $members) . '}';
    } catch (NoJSON) {
        $json = '';
    }
    echo json_encode(['encoded' => base64_encode($encoded), 'json' => $json]), "\n";
}
$_SESSION = [];
