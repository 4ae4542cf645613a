<?php
declare(strict_types=1);

// Who is asking is what nginx says, and nobody else can: see nginx.conf. Nobody is "".
$user = $_SERVER['HTTP_X_AUTH_EMAIL'];
$path = strtok($_SERVER['REQUEST_URI'], '?');

/** What the API answers to whoever is asking: the token, which nginx has from Handstamp, says who that is. */
function ask(string $path): string
{
    $answer = @file_get_contents($_SERVER['API_URL'] . $path, false, stream_context_create(['http' => [
        'header' => 'Authorization: ' . $_SERVER['HTTP_AUTHORIZATION'],
        'timeout' => 2,
        'follow_location' => 0,
        'ignore_errors' => true,
    ]]));
    return $answer === false ? 'no answer' : $answer;
}

function h(string $text): string
{
    return htmlspecialchars($text);
}

header('Cache-Control: no-store');
header("Content-Security-Policy: default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
?>
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Lighthouse</title>
<link rel="stylesheet" href="/style.css">
</head>
<body>
<header>
  <strong>Lighthouse</strong>
  <nav><a href="/">Home</a> <a href="/lamp-room">Lamp room</a></nav>
</header>
<main>
<?php if ($user === ''): ?>
  <h1>Who goes there?</h1>
  <form method="post" action="/login">
    <label>Email <input name="email" type="email" autocomplete="username" required></label>
    <label>Password <input name="password" type="password" autocomplete="current-password" required></label>
    <input name="return_to" type="hidden" value="/">
    <button>Come in</button>
  </form>
<?php else: ?>
  <h1><?= $path === '/' ? 'Good evening' : 'The lamp room' ?></h1>
  <p>You are <strong><?= h($user) ?></strong>.</p>
  <p>The API says:</p>
  <pre><?= h(ask('/me')) ?></pre>
  <form action="/logout"><button>Leave</button></form>
<?php endif ?>
</main>
</body>
</html>
